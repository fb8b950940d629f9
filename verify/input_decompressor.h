// InputDecompressor: unpacks gzip, xz and zstd as a stream, by the file name's ending; other names are passed through. Concatenated
// members are one stream, as the tools have it. Bounded: stops at the output size that was promised. zlib, liblzma and libzstd
// stay in decompressor.cpp. One object per stream, one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "core/digest.h"
#include "core/result.h"

namespace packyard {

enum class Packing { none, gzip, xz, zstd };
// ".gz", ".xz", ".zst"; everything else is none.
Packing packing_of(std::string_view file_name);

class InputDecompressor {
 public:
  using Sink = std::function<Result<void>(std::string_view)>;
  // Fails (invalid) once more than output_bytes_max came out.
  InputDecompressor(Packing packing, std::uint64_t output_bytes_max, Sink sink);
  ~InputDecompressor();
  InputDecompressor(const InputDecompressor&) = delete;
  InputDecompressor& operator=(const InputDecompressor&) = delete;

  Result<void> feed(std::string_view packed);
  // At the end of the input: fails when the stream is not complete.
  Result<void> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Unpacks a file into a sink; gives digest and size of what came out. The input is read in blocks.
Result<FileDigest> unpack_file(const std::filesystem::path& file, Packing packing, std::uint64_t output_bytes_max,
                               const InputDecompressor::Sink& sink);

}  // namespace packyard
