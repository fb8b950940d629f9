// Timestamp: a moment in whole seconds UTC since 1970, as kept in the databases and printed as RFC 3339 ("2025-03-01T12:00:00Z").
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

struct Timestamp {
  std::int64_t seconds = 0;

  auto operator<=>(const Timestamp&) const = default;
  // RFC 3339 with "Z" only: other offsets are refused, so that what is shown is what was given.
  static Result<Timestamp> parse_rfc3339(std::string_view text);
  std::string rfc3339() const;
  // "Sat, 01 Mar 2025 12:00:00 UTC" as Debian Release files write Date and Valid-Until.
  std::string rfc5322_utc() const;
};

}  // namespace packyard
