// StallWatch: a thread that ends the process when one of the watched counters has not moved for the given time: a gate that
// hangs holds every proxy up, one that is gone is started anew. It counts its own wake-ups, not the clock, so that a suspended
// or stopped machine is no stall. Ends with the object.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace packyard::http {

class StallWatch {
 public:
  static constexpr std::uint64_t ended = UINT64_MAX;  // a counter of a thread that has done its work
  StallWatch(std::string watched, std::uint32_t timeout_ms, std::function<std::vector<std::uint64_t>()> read_counters);
  ~StallWatch();
  StallWatch(const StallWatch&) = delete;
  StallWatch& operator=(const StallWatch&) = delete;

 private:
  void run();

  const std::string watched_;
  const std::uint32_t timeout_ms_;
  const std::function<std::vector<std::uint64_t>()> read_counters_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace packyard::http
