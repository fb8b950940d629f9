#include "core/log_limit.h"

namespace packyard {

LogLimit::Verdict LogLimit::ask(Timestamp now) {
  // Two threads in a new second may both reset: a few lines more, which does no harm.
  if (second_.exchange(now.seconds, std::memory_order_relaxed) != now.seconds) lines_.store(0, std::memory_order_relaxed);
  if (lines_.fetch_add(1, std::memory_order_relaxed) < lines_max_)
    return {true, left_out_.exchange(0, std::memory_order_relaxed)};
  left_out_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

}  // namespace packyard
