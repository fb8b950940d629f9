// Whether one more request of a key goes beyond a limit of its day: for the gate's counts in memory and for the key store's alike.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/utc_day.h"
#include "storage/key_limits.h"

namespace packyard {

enum class LimitKind { requests_per_day, addresses_per_day };

struct ReachedLimit {
  LimitKind kind = LimitKind::requests_per_day;
  std::uint64_t number = 0;
  std::int64_t seconds_left = 0;  // of the day: then it counts from nothing again

  bool operator==(const ReachedLimit&) const = default;
};

// What a key was used for on this day, before the request that is judged.
struct DayCounts {
  std::uint64_t requests = 0;
  std::uint64_t addresses = 0;
  bool is_new_address = false;  // the request's is none of them; false when it cannot be known: then no limit is held against it
};

std::optional<ReachedLimit> reached_limit(const KeyLimits& limits, const DayCounts& counts, Timestamp now);
// For the customer, in one sentence.
std::string explain(const ReachedLimit& limit);

}  // namespace packyard
