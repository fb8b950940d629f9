// PromotionWorker: takes the promotions of the queue one at a time, the oldest first, each in an attempt of its own (a process,
// in the program), and sees to it that every one of them ends: an attempt that ended without saying how is made again, three
// times at most, since promoting is idempotent and the store recovers; one that found the store taken (for twelve hours at most),
// or was stopped with the worker, does not count. For the holder of PromotionQueue::become_worker(), on one thread. Fails only
// when the queue cannot be read or written.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/clock.h"
#include "core/log.h"
#include "core/result.h"
#include "storage/promotion_queue.h"

namespace packyard {

enum class AttemptEnd {
  ended,        // by itself or not; what it wrote says how, if it wrote
  store_taken,  // another command held the release store
  stopped,      // because the worker is to end
};

struct Attempt {
  AttemptEnd end = AttemptEnd::ended;
  std::string how;  // "ended with status 3", for the reason where it wrote none
};

enum class WorkerTurn {
  idle,       // nothing waits
  worked,     // there may be more
  postponed,  // the store was taken: wait before the next turn
};

class PromotionWorker {
 public:
  static constexpr std::uint32_t attempts_max = 3;
  static constexpr std::int64_t waiting_seconds_max = 12 * 3600;

  struct Parts {
    PromotionQueue& queue;
    const Clock& clock;
    const Log& log;
    std::function<Attempt(PromotionId id)> attempt;
    std::function<void()> tell_failure;  // of a promotion that ended without having told it itself
  };

  explicit PromotionWorker(Parts parts) : parts_(std::move(parts)) {}
  Result<WorkerTurn> take_turn();

 private:
  Result<std::optional<PromotionRecord>> next();
  Result<void> give_up(PromotionReport report, const std::string& why);
  Result<WorkerTurn> after(PromotionId id, const Attempt& attempt);
  Parts parts_;
  PromotionId ended_{};  // all up to this one have
};

}  // namespace packyard
