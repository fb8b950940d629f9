// IndexFile: a new file of an index, hashed while it is written, so that no byte is read again to be hashed. Not durable by
// itself: candidates are synced as a whole. Made for one thread. Fails when the file exists or the disk is full.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/result.h"
#include "core/timestamp.h"
#include "promote/compressor.h"

namespace packyard {

class IndexFile {
 public:
  // Makes the folders above it.
  static Result<IndexFile> create(const std::filesystem::path& file);
  IndexFile(IndexFile&& other) noexcept;
  IndexFile& operator=(IndexFile&&) = delete;
  ~IndexFile();

  Result<void> write(std::string_view bytes);
  // Closes the file with this modification time.
  Result<FileDigest> finish(Timestamp modified);

 private:
  IndexFile(std::filesystem::path file, int descriptor) : file_(std::move(file)), descriptor_(descriptor) {}
  Result<void> flush();

  std::filesystem::path file_;
  int descriptor_;
  std::string pending_;
  Sha256Stream hash_;
  std::uint64_t size_bytes_ = 0;
};

// A whole small file (Release, repomd.xml) in one call.
Result<FileDigest> write_index_file(const std::filesystem::path& file, std::string_view bytes, Timestamp modified);
// Compresses an existing file into a new one.
Result<FileDigest> compress_index_file(const std::filesystem::path& plain, const std::filesystem::path& packed,
                                       Compression compression, Timestamp modified);

}  // namespace packyard
