// StoreLock: one writer per release store, by flock(2) on state/promote.lock: free by itself when the holder ends, however it
// ends. Held from take() until the object goes. A backup holds it for moments, while it lists what there is, and is waited for.
#pragma once

#include <chrono>
#include <filesystem>

#include "core/clock.h"
#include "core/result.h"

namespace packyard {

class StoreLock {
 public:
  // conflict when another command changes the store.
  static Result<StoreLock> take(const std::filesystem::path& file);
  // For who only looks: waits while others change the store, and says conflict after `wait_max`.
  static Result<StoreLock> take_to_look(const std::filesystem::path& file, Clock& clock, std::chrono::seconds wait_max);
  StoreLock(StoreLock&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  StoreLock& operator=(StoreLock&&) = delete;
  ~StoreLock();

 private:
  explicit StoreLock(int descriptor) : descriptor_(descriptor) {}
  static Result<StoreLock> open(const std::filesystem::path& file);
  Result<bool> try_to_lock(const std::filesystem::path& file, const char* purpose) const;
  int descriptor_;
};

}  // namespace packyard
