// The one JSON object of a request's body, and the refusals that name its fields. Pure; takes hostile bytes; what is named is escaped,
// and no value is ever told.
#pragma once

#include <string>
#include <string_view>

#include "admin/error_catalog.h"
#include "core/json_document.h"

namespace packyard {

ApiResult<JsonNode> parse_request_object(std::string_view body);

std::unexpected<ApiFailure> wrong_type(const JsonNode& field, std::string_view wanted);
std::unexpected<ApiFailure> unknown_field(const JsonNode& field, std::string_view known);
std::unexpected<ApiFailure> missing_field(std::string_view name);

ApiResult<std::string> text_field(const JsonNode& field);

}  // namespace packyard
