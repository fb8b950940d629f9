// Which days of a key's use a request asks for: its query parameters as a UsageQuery, and back for the address of the next page.
//   from, to (days like 2026-01-31, both included), limit (1 to 1000; none: all), cursor (from the last page, opaque)
// Pure; takes hostile bytes.
#pragma once

#include <string>
#include <string_view>

#include "admin/error_catalog.h"
#include "storage/key_usage.h"

namespace packyard {

inline constexpr std::size_t page_days_max = 1000;

ApiResult<UsageQuery> parse_usage_request(std::string_view query);
// The query text that asks for the same days behind the cursor.
std::string next_usage_text(const UsageQuery& query, UtcDay next);

}  // namespace packyard
