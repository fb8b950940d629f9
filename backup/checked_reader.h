// CheckedReader: reads on from another reader, and fails as corrupt unless what came has the size and digest that it must have:
// what stands at its end (a put, a restored file) comes to nothing then. open_file() gives a reader of a local file; write_file()
// puts a reader's bytes into a new one. One thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/digest.h"
#include "core/result.h"
#include "storage/object_store.h"

namespace packyard {

class CheckedReader final : public ObjectReader {
 public:
  // `name` is what errors call it. The other reader outlives this one.
  CheckedReader(ObjectReader& inner, std::string name, const FileDigest& expected)
      : inner_(inner), name_(std::move(name)), expected_(expected) {}
  Result<std::size_t> read(std::span<char> block) override;

 private:
  ObjectReader& inner_;
  std::string name_;
  FileDigest expected_;
  Sha256Stream stream_;
  std::uint64_t size_bytes_ = 0;
};

// not_found when it went away meanwhile; invalid when it is no plain file.
Result<std::unique_ptr<ObjectReader>> open_file(const std::filesystem::path& file);

// Replaces what is there; not synced. Nothing is there when reading fails.
Result<void> write_file(const std::filesystem::path& file, ObjectReader& reader);

}  // namespace packyard
