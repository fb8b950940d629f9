// StoreLock: one writer per release store, by flock(2) on state/promote.lock: free by itself when the holder ends, however it
// ends. Held from take() until the object goes.
#pragma once

#include <filesystem>

#include "core/result.h"

namespace packyard {

class StoreLock {
 public:
  // conflict when somebody else holds it.
  static Result<StoreLock> take(const std::filesystem::path& file);
  StoreLock(StoreLock&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  StoreLock& operator=(StoreLock&&) = delete;
  ~StoreLock();

 private:
  explicit StoreLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace packyard
