// UtcDay: a day of UTC, counted from 1970-01-01, as usage is kept and printed by it ("2026-01-31"). A plain value.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/timestamp.h"

namespace packyard {

inline constexpr std::int64_t day_seconds = 24 * 3600;

struct UtcDay {
  std::int64_t number = 0;

  auto operator<=>(const UtcDay&) const = default;
  static constexpr UtcDay of(Timestamp time) {
    const std::int64_t number = time.seconds / day_seconds;
    return UtcDay{time.seconds % day_seconds < 0 ? number - 1 : number};
  }
  // YYYY-MM-DD alone.
  static Result<UtcDay> parse(std::string_view text);
  std::string text() const;
  constexpr Timestamp start() const { return Timestamp{number * day_seconds}; }
  constexpr Timestamp last_second() const { return Timestamp{(number + 1) * day_seconds - 1}; }
  constexpr UtcDay before(std::int64_t days) const { return UtcDay{number - days}; }
};

}  // namespace packyard
