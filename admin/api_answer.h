// Answers of the admin API: JSON with its status, and failures as the catalogue has them. Pure functions.
#pragma once

#include <string>

#include "admin/error_catalog.h"
#include "core/http/http_message.h"

namespace packyard {

http::Response json_answer(unsigned status, std::string body);
// With WWW-Authenticate where a token is missing, and Retry-After where it may work later.
http::Response failure_answer(const ApiFailure& failure);

}  // namespace packyard
