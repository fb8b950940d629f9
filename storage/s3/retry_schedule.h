// RetrySchedule: when to try again after a failure that may pass: a number of times, each wait twice as long as the one before up
// to a bound, half of it by chance, so that many clients do not come back together; and no longer than a deadline in all. One per
// operation, used by one thread.
#pragma once

#include <chrono>

#include "core/clock.h"
#include "core/random_source.h"

namespace packyard {

struct RetryLimits {
  unsigned attempts_max = 8;
  std::chrono::milliseconds first_wait{250};
  std::chrono::milliseconds wait_max{10'000};
  std::chrono::seconds whole_max{180};  // no attempt begins later than this
};

class RetrySchedule {
 public:
  RetrySchedule(const RetryLimits& limits, Clock& clock, RandomSource& random);
  // After a failed attempt: waits and says whether another one may be made. `at_least`: what the server asked for, up to
  // wait_max.
  bool wait(std::chrono::milliseconds at_least = {});
  // After real progress: begins anew.
  void reset();
  unsigned attempts() const { return attempts_; }

 private:
  RetryLimits limits_;
  Clock& clock_;
  RandomSource& random_;
  Timestamp started_;
  unsigned attempts_ = 1;
};

}  // namespace packyard
