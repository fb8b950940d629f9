// KeyLimits: how much a key may be used on one day of UTC. Absent: as much as anybody likes. A plain value.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

namespace packyard {

struct KeyLimits {
  std::optional<std::uint64_t> requests_per_day{};   // that pass
  std::optional<std::uint64_t> addresses_per_day{};  // distinct ones of clients; at most addresses_a_day_max

  auto operator<=>(const KeyLimits&) const = default;
  bool any() const { return requests_per_day || addresses_per_day; }
};

}  // namespace packyard
