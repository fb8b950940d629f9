// KeyScope: what a key opens, and from where. An empty list of years, formats or addresses means all of them; components are
// never empty. Lists are sorted and without repetition, so that equal scopes are equal values. A plain value.
#pragma once

#include <compare>
#include <vector>

#include "core/address_range.h"
#include "core/names.h"

namespace packyard {

struct KeyScope {
  std::vector<ComponentName> components;
  std::vector<Year> years{};
  std::vector<Format> formats{};
  std::vector<AddressRange> addresses{};  // of the client, as a trusted proxy reports it

  auto operator<=>(const KeyScope&) const = default;
  static KeyScope of(ComponentName component) { return KeyScope{{std::move(component)}}; }
};

}  // namespace packyard
