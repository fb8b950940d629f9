#include "core/utc_day.h"

namespace packyard {
namespace {

constexpr std::size_t date_length = 10;

}  // namespace

Result<UtcDay> UtcDay::parse(std::string_view text) {
  const auto midnight = Timestamp::parse_rfc3339(std::string(text) + "T00:00:00Z");
  if (!midnight) return fail(ErrorCode::invalid, "not a day like 2026-01-31");
  return of(*midnight);
}

std::string UtcDay::text() const { return start().rfc3339().substr(0, date_length); }

}  // namespace packyard
