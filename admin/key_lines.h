// Many keys as lines of JSON (NDJSON, one object on each line): keys to make, keys that were made, and keys with their digests as one
// installation hands them to another. A line of an export holds no secret: a digest says nothing without the pepper it was made with,
// and opens nothing even with it. Pure; parsing takes hostile bytes, and errors name the line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/error_catalog.h"
#include "admin/key_fields.h"
#include "storage/key_store.h"

namespace packyard {

inline constexpr std::size_t lines_max = 10'000;

// Empty lines are passed over.
ApiResult<std::vector<KeyFields>> parse_key_lines(std::string_view body);
// What exported_key_line() wrote; times in the past and components that are not in the settings are taken as they are.
ApiResult<std::vector<KeyRecord>> parse_exported_keys(std::string_view body);
std::string exported_key_line(const KeyRecord& record);

}  // namespace packyard
