// LogLimit: at most so many lines a second for events that strangers can cause, so that a flood of denials cannot fill the disk;
// what was left out is counted and told with the next line. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/timestamp.h"

namespace packyard {

class LogLimit {
 public:
  explicit LogLimit(std::uint32_t lines_per_second_max) : lines_max_(lines_per_second_max) {}

  struct Verdict {
    bool write = false;
    std::uint64_t left_out = 0;  // lines not written since the last one
  };
  Verdict ask(Timestamp now);

 private:
  const std::uint32_t lines_max_;
  std::atomic<std::int64_t> second_{0};
  std::atomic<std::uint32_t> lines_{0};
  std::atomic<std::uint64_t> left_out_{0};
};

}  // namespace packyard
