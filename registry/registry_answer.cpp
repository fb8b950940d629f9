#include "registry/registry_answer.h"

#include "core/json_text.h"

namespace packyard {
namespace {

struct Code {
  unsigned status;
  std::string_view text;
};

Code code_of(RegistryError error) {
  switch (error) {
    case RegistryError::blob_unknown: return {404, "BLOB_UNKNOWN"};
    case RegistryError::blob_upload_unknown: return {404, "BLOB_UPLOAD_UNKNOWN"};
    case RegistryError::digest_invalid: return {400, "DIGEST_INVALID"};
    case RegistryError::manifest_unknown: return {404, "MANIFEST_UNKNOWN"};
    case RegistryError::name_unknown: return {404, "NAME_UNKNOWN"};
    case RegistryError::pagination_number_invalid: return {400, "PAGINATION_NUMBER_INVALID"};
    case RegistryError::unsupported: return {405, "UNSUPPORTED"};
    case RegistryError::misrouted: return {501, "UNSUPPORTED"};
    case RegistryError::bad_request: return {400, "UNSUPPORTED"};
    case RegistryError::unavailable: return {503, "UNAVAILABLE"};
    case RegistryError::damaged: break;
  }
  return {500, "UNKNOWN"};
}

http::Response with_type(unsigned status, std::string_view content_type, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.reserve(8);
  response.headers.push_back({"Content-Type", std::string(content_type)});
  // No client of today asks for it; docker engines before 1.12 did.
  response.headers.push_back({"Docker-Distribution-Api-Version", "registry/2.0"});
  response.body = std::move(body);
  return response;
}

}  // namespace

http::Response registry_error(RegistryError error, std::string_view message) {
  const Code code = code_of(error);
  http::Response response =
      with_type(code.status, "application/json",
                "{\"errors\":[{\"code\":\"" + std::string(code.text) + "\",\"message\":" + json_text(message) + "}]}\n");
  response.headers.push_back({"Cache-Control", "no-store"});
  if (error == RegistryError::unsupported) response.headers.push_back({"Allow", "GET, HEAD"});
  if (error == RegistryError::unavailable) response.headers.push_back({"Retry-After", "2"});
  return response;
}

http::Response registry_answer(std::string_view content_type, std::string body, Caching caching) {
  http::Response response = with_type(200, content_type, std::move(body));
  const bool forever = caching == Caching::forever;
  response.headers.push_back({"Cache-Control", forever ? "private, max-age=31536000, immutable" : "private, no-cache"});
  return response;
}

}  // namespace packyard
