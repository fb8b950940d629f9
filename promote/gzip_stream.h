// gzip streams, both ways (RFC 1952). zlib stays in gzip_stream.cpp. Everybody else uses compressor.h and decompressor.h,
// which say how these behave, who owns them and how they fail.
#pragma once

#include <memory>

#include "promote/compressor.h"
#include "promote/decompressor.h"

namespace packyard {

std::unique_ptr<Compressor> make_gzip_compressor(ByteSink sink);
std::unique_ptr<Decompressor> make_gzip_decompressor(ByteSource source);

}  // namespace packyard
