// The OpenAPI 3.1 document of the admin API, as it is served: admin/openapi.json, byte for byte. Tests hold it against the route
// table, the error catalogue and the real answers.
#pragma once

#include <string_view>

namespace packyard {

std::string_view openapi_document();

}  // namespace packyard
