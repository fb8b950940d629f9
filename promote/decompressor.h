// Decompressor: reads gzip, xz or zstd piece by piece from a source and checks the stream's own checksum, so that a truncated or
// damaged stream ends in ErrorCode::invalid and never in fewer bytes. Memory is bounded (dictionaries above 128 MiB are refused);
// how much may come out is the caller's limit. Made for one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "core/result.h"
#include "core/settings.h"

namespace packyard {

// Gives the next piece of a stream; empty at its end. The piece stays valid until the next call.
using ByteSource = std::function<Result<std::string_view>()>;

class Decompressor {
 public:
  virtual ~Decompressor() = default;
  // The next decompressed piece, empty at the end. Concatenated streams are read as one.
  virtual Result<std::string_view> read() = 0;
};

std::unique_ptr<Decompressor> make_decompressor(Compression compression, ByteSource source);

}  // namespace packyard
