// xz streams, both ways (xz file format 1.1). liblzma stays in xz_stream.cpp. Others use compressor.h and decompressor.h,
// which say how these behave, who owns them and how they fail.
#pragma once

#include <memory>

#include "promote/compressor.h"
#include "promote/decompressor.h"

namespace packyard {

std::unique_ptr<Compressor> make_xz_compressor(ByteSink sink);
std::unique_ptr<Decompressor> make_xz_decompressor(ByteSource source);

}  // namespace packyard
