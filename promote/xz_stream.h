// xz streams, both ways (the .xz file format 1.1). liblzma stays in xz_stream.cpp; everybody else uses compressor.h and decompressor.h, which say
// how these behave.
#pragma once

#include <memory>

#include "promote/compressor.h"
#include "promote/decompressor.h"

namespace packyard {

std::unique_ptr<Compressor> make_xz_compressor(ByteSink sink);
std::unique_ptr<Decompressor> make_xz_decompressor(ByteSource source);

}  // namespace packyard
