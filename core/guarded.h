// Guarded<T>: a value and its mutex as one type; the only way in is with(), which holds the lock.
#pragma once

#include <mutex>
#include <utility>

namespace packyard {

template <class T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  template <class Use>
  decltype(auto) with(Use&& use) {
    const std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }

 private:
  std::mutex mutex_;
  T value_;
};

}  // namespace packyard
