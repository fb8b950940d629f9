#include "admin/api_answer.h"

#include <utility>

#include "admin/key_json.h"

namespace packyard {

http::Response json_answer(unsigned status, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.push_back({"Content-Type", "application/json"});
  response.body = std::move(body);
  return response;
}

http::Response failure_answer(const ApiFailure& failure) {
  const ApiErrorEntry& entry = catalog_entry(failure.error);
  http::Response response =
      json_answer(entry.status, error_json(entry.code, failure.detail.empty() ? entry.message : failure.detail));
  if (entry.status == 401) response.headers.push_back({"WWW-Authenticate", "Bearer realm=\"packyard admin\""});
  if (entry.status == 429 || entry.status == 503) response.headers.push_back({"Retry-After", "5"});
  return response;
}

}  // namespace packyard
