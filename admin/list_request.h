// Which keys a list request asks for: its query parameters as a KeyQuery, and back for the address of the next page.
//   component, status, search, expires_before, limit (1 to 1000; none: all), cursor (from the last page, opaque)
// Pure; takes hostile bytes.
#pragma once

#include <string>
#include <string_view>

#include "admin/error_catalog.h"
#include "storage/key_query.h"

namespace packyard {

inline constexpr std::size_t page_keys_max = 1000;

// `now` is when a status is asked for.
ApiResult<KeyQuery> parse_list_request(std::string_view query, Timestamp now);
// The query text that asks for the same keys behind the cursor.
std::string next_page_text(const KeyQuery& query, const KeyCursor& next);

}  // namespace packyard
