// PromotionProcess: one attempt at a queued promotion, as a packyard-press of its own (promote --request ID), so that keys are
// held only while something is signed, memory goes back, and what kills it does not kill the worker. It dies with its parent,
// however that ends: nobody else would free the release store for the next one. Blocks until it ended; on the worker's one
// thread.
#pragma once

#include <chrono>
#include <string>

#include "programs/packyard_press/ending_signals.h"
#include "promote/promotion_worker.h"

namespace packyard {

class PromotionProcess {
 public:
  struct Limits {
    std::chrono::seconds longest{6 * 3600};  // then it is killed
    std::chrono::seconds grace{45};          // for its end, once the worker is to end; then it is killed
  };

  PromotionProcess(std::string settings_file, EndingSignals& signals, Limits limits)
      : settings_file_(std::move(settings_file)), signals_(signals), limits_(limits) {}

  // An error of starting it is an attempt that ended.
  Attempt run(PromotionId id);

 private:
  std::string settings_file_;
  EndingSignals& signals_;
  Limits limits_;
};

}  // namespace packyard
