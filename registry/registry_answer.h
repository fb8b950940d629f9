// The answers of the registry API as http::Response: the specification's error JSON, and bodies with their type and nothing more
// (clients compare Content-Type byte by byte). OCI distribution-spec 1.1, "Error Codes". Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "core/http/http_message.h"

namespace packyard {

// Values beyond the specification's are those of CNCF distribution, which clients know too.
enum class RegistryError {
  blob_unknown,
  blob_upload_unknown,
  digest_invalid,
  manifest_unknown,
  name_unknown,
  pagination_number_invalid,
  unsupported,  // 405
  misrouted,    // 501: a request that the front should have answered
  bad_request,  // 400
  unavailable,  // 503
  damaged,      // 500
};

enum class Caching { again, forever };  // ask again each time; immutable. Always private: it was paid for.

http::Response registry_error(RegistryError error, std::string_view message);
// 200.
http::Response registry_answer(std::string_view content_type, std::string body, Caching caching);

}  // namespace packyard
