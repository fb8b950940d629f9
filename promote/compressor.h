// Compressor: turns bytes into gzip (RFC 1952), xz or zstd (RFC 8878) piece by piece and hands the result to a sink. The same
// bytes always give the same result: no times, names or thread counts in it. Memory is a few MiB whatever the size.
// Made for one thread; write any number of times, then finish once. Errors are the sink's own or ErrorCode::internal.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "core/result.h"
#include "core/settings.h"

namespace packyard {

// Takes the next piece of a stream of bytes.
using ByteSink = std::function<Result<void>(std::string_view)>;

class Compressor {
 public:
  virtual ~Compressor() = default;
  virtual Result<void> write(std::string_view bytes) = 0;
  virtual Result<void> finish() = 0;
};

std::unique_ptr<Compressor> make_compressor(Compression compression, ByteSink sink);
// "gz", "xz", "zst": how a compressed file's name ends.
std::string_view compression_suffix(Compression compression);

}  // namespace packyard
