// DecisionObserver: told of every decision and how long it took; counts it. Called on the request path by many threads at once:
// must not wait, fail or throw. Implementations: GateMetrics (auth/gate_metrics.h); a recording one in the tests.
#pragma once

#include <chrono>

#include "auth/decision.h"

namespace packyard {

class DecisionObserver {
 public:
  virtual ~DecisionObserver() = default;
  virtual void decided(const Decision& decision, std::chrono::nanoseconds duration) noexcept = 0;
};

}  // namespace packyard
