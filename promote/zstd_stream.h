// zstd streams, both ways (RFC 8878). libzstd stays in zstd_stream.cpp. Everybody else uses compressor.h and decompressor.h,
// which say how these behave, who owns them and how they fail.
#pragma once

#include <memory>

#include "promote/compressor.h"
#include "promote/decompressor.h"

namespace packyard {

std::unique_ptr<Compressor> make_zstd_compressor(ByteSink sink);
std::unique_ptr<Decompressor> make_zstd_decompressor(ByteSource source);

}  // namespace packyard
