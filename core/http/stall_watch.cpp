#include "core/http/stall_watch.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace packyard::http {
namespace {

constexpr unsigned looks_per_timeout = 6;
constexpr int exit_status_stalled = 70;  // EX_SOFTWARE; no abort: a core file would hold keys

}  // namespace

StallWatch::StallWatch(std::string watched, std::uint32_t timeout_ms, std::function<std::vector<std::uint64_t>()> read_counters)
    : watched_(std::move(watched)), timeout_ms_(timeout_ms), read_counters_(std::move(read_counters)), thread_([this] { run(); }) {}

StallWatch::~StallWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void StallWatch::run() {
  std::vector<std::uint64_t> last = read_counters_();
  std::vector<unsigned> still(last.size(), 0);
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, std::chrono::milliseconds(timeout_ms_ / looks_per_timeout + 1), [this] { return stopping_; })) {
    const std::vector<std::uint64_t> now = read_counters_();
    for (std::size_t i = 0; i < now.size(); ++i) {
      still[i] = now[i] == last[i] && now[i] != ended ? still[i] + 1 : 0;
      if (still[i] < looks_per_timeout) continue;
      std::fprintf(stderr, "packyard: a thread of the %s has made no progress for %u ms; ending so that it can be started anew\n",
                   watched_.c_str(), timeout_ms_);
      _exit(exit_status_stalled);
    }
    last = now;
  }
}

}  // namespace packyard::http
