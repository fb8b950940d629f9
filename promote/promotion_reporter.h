// PromotionReporter: writes what becomes of one queued promotion into the queue while it runs: each step, and how it ended. Used
// by the process that promotes, for one attempt; the worker that started it wrote that it runs. Steps may be told from any
// thread, one at a time. A step that cannot be written is a warning in the log; an end that cannot be written is the caller's
// failure.
#pragma once

#include "core/clock.h"
#include "core/log.h"
#include "core/result.h"
#include "promote/progress.h"
#include "promote/promoter.h"
#include "storage/promotion_queue.h"

namespace packyard {

class PromotionReporter {
 public:
  PromotionReporter(PromotionQueue& queue, PromotionRecord record, const Clock& clock, const Log& log)
      : queue_(queue), record_(std::move(record)), clock_(clock), log_(log) {}

  // What the order asks the promoter for.
  PromotionRequest request() const;
  void tell(const ProgressStep& step);
  // When another command held the store it has not ended: the worker tries again.
  Result<void> finish(const Result<PromotionOutcome>& outcome);

 private:
  PromotionQueue& queue_;
  PromotionRecord record_;
  const Clock& clock_;
  const Log& log_;
};

}  // namespace packyard
