// GateMetrics: counts decisions and writes the metrics page. Counting is a relaxed addition into an array that is laid out at
// start; nothing is looked up by name. Labels are bounded: a component that is not configured counts as "other", none as "none".
// decided(): many threads at once, never waits. exposition(): any thread. Text format 0.0.4; prometheus-cpp stays in
// gate_metrics.cpp.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/decision_observer.h"
#include "core/names.h"

namespace packyard {

// What the page asks for when it is read.
struct GateState {
  std::size_t keys = 0;
  bool current = false;                     // the index is loaded and follows the store
  std::chrono::milliseconds since_read{0};  // since the store was last read
  std::uint64_t usage_flush_failures = 0;
};

class GateMetrics final : public DecisionObserver {
 public:
  GateMetrics(const std::vector<ComponentName>& components, std::function<GateState()> state);
  ~GateMetrics() override;

  void decided(const Decision& decision, std::chrono::nanoseconds duration) noexcept override;
  std::string exposition() const;

 private:
  // The boundaries of packyard_auth_duration_seconds. Never change them: they are part of stored series.
  static constexpr std::array<double, 12> boundaries = {25e-6,  50e-6, 100e-6, 250e-6, 500e-6, 1e-3,
                                                        2.5e-3, 5e-3,  10e-3,  25e-3,  100e-3, 1};
  // Each thread adds to a line of its own, so that threads do not pass a cache line to and fro.
  struct alignas(64) Durations {
    std::array<std::atomic<std::uint64_t>, boundaries.size() + 1> buckets{};
    std::atomic<std::uint64_t> nanoseconds{0};
  };
  struct Page;

  std::size_t counter_of(Reason reason, std::size_t format, std::size_t component) const;
  std::size_t component_of(const Decision& decision) const;
  void add_requests(Page& page) const;
  void add_durations(Page& page) const;
  void add_state(Page& page) const;

  std::vector<std::string> components_;  // configured, then "other", "none"
  std::function<GateState()> state_;
  std::vector<std::atomic<std::uint64_t>> requests_;
  std::array<Durations, 16> durations_;
};

}  // namespace packyard
