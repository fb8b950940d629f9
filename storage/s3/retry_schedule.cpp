#include "storage/s3/retry_schedule.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace packyard {

RetrySchedule::RetrySchedule(const RetryLimits& limits, Clock& clock, RandomSource& random)
    : limits_(limits), clock_(clock), random_(random), started_(clock.now()) {}

bool RetrySchedule::wait(std::chrono::milliseconds at_least) {
  if (attempts_ >= limits_.attempts_max) return false;
  constexpr unsigned doublings_max = 20;
  const auto longest = std::min(limits_.wait_max.count(), limits_.first_wait.count() << std::min(attempts_ - 1, doublings_max));
  std::array<std::byte, 4> bytes{};
  random_.fill(bytes);
  std::uint32_t chance = 0;
  std::memcpy(&chance, bytes.data(), sizeof chance);
  const std::int64_t half = longest / 2;
  const std::chrono::milliseconds wait(half + static_cast<std::int64_t>(chance) % (longest - half + 1));
  const auto chosen = std::max(wait, std::min(at_least, limits_.wait_max));
  const auto passed = std::chrono::seconds(clock_.now().seconds - started_.seconds);
  if (passed + chosen > limits_.whole_max) return false;
  clock_.sleep_for(chosen);
  ++attempts_;
  return true;
}

void RetrySchedule::reset() {
  attempts_ = 1;
  started_ = clock_.now();
}

}  // namespace packyard
