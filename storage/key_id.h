// KeyId: the name of a subscriber key, "key_" and 16 base62 characters: random, not derived from the key; safe to log and to put
// in URLs.
#pragma once

#include <compare>
#include <string>

namespace packyard {

struct KeyId {
  std::string text;
  auto operator<=>(const KeyId&) const = default;
};

}  // namespace packyard
