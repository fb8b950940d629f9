// Clock: the one way to learn the time, so that tests can set it. Implementations are safe to share between threads.
#pragma once

#include <atomic>
#include <chrono>

#include "core/timestamp.h"

namespace packyard {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
  virtual void sleep_for(std::chrono::milliseconds duration) = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  void sleep_for(std::chrono::milliseconds duration) override;
};

// For tests: stands still until told; sleeping moves it on.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start) : milliseconds_(start.seconds * 1000) {}
  Timestamp now() const override { return Timestamp{milliseconds_.load() / 1000}; }
  void sleep_for(std::chrono::milliseconds duration) override { milliseconds_ += duration.count(); }
  void set(Timestamp time) { milliseconds_ = time.seconds * 1000; }

 private:
  std::atomic<std::int64_t> milliseconds_;
};

}  // namespace packyard
