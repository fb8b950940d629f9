// FileLock: the right to do something alone, on a file whose folder several processes see, also from different containers of one
// host: an open file description lock (fcntl(2) F_OFD_SETLK), free by itself when the holder ends, however it ends. Held from
// take() until the object goes. Two objects exclude each other within one process too.
#pragma once

#include <chrono>
#include <filesystem>

#include "core/result.h"

namespace packyard {

class FileLock {
 public:
  // Makes the file. conflict when somebody else still holds it after `patience`.
  static Result<FileLock> take(const std::filesystem::path& file, std::chrono::milliseconds patience);
  // Does anybody hold it? Only looks: a folder that may only be read will do. False as well when there is no such file.
  static bool is_held(const std::filesystem::path& file);

  FileLock(FileLock&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace packyard
