// The query of a request target as names and values (application/x-www-form-urlencoded: %XX and '+' for a space). Strict: a name
// twice, a bad escape, or what decodes to control characters or no UTF-8 is refused. Pure; takes hostile bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/error_catalog.h"

namespace packyard {

struct QueryParameter {
  std::string name;
  std::string value;
};

ApiResult<std::vector<QueryParameter>> parse_query_text(std::string_view query);
// Encoded so that it reads back as it is.
std::string query_text(const std::vector<QueryParameter>& parameters);

}  // namespace packyard
