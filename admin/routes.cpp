#include "admin/routes.h"

#include <array>
#include <string>
#include <utility>

namespace packyard {
namespace {

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
  if (entry.status == 503) response.headers.push_back({"Retry-After", "5"});
  return response;
}

http::Response create_key(KeyService& keys, const http::Request& request, std::string_view) {
  const auto wanted = parse_key_request(request.body);
  if (!wanted) return failure_answer(wanted.error());
  const auto created = keys.create(*wanted);
  if (!created) return failure_answer(created.error());
  http::Response response = json_answer(201, created_key_json(created->record, created->key, keys.now()));
  response.headers.push_back({"Location", "/api/v1/keys/" + created->record.id.text});
  return response;
}

http::Response list_keys(KeyService& keys, const http::Request&, std::string_view) {
  const auto records = keys.list();
  return records ? json_answer(200, key_list_json(*records, keys.now())) : failure_answer(records.error());
}

http::Response show_key(KeyService& keys, const http::Request&, std::string_view id) {
  const auto record = keys.find(id);
  return record ? json_answer(200, key_json(*record, keys.now())) : failure_answer(record.error());
}

http::Response revoke_key(KeyService& keys, const http::Request&, std::string_view id) {
  const auto record = keys.revoke(id);
  return record ? json_answer(200, key_json(*record, keys.now())) : failure_answer(record.error());
}

http::Response show_health(KeyService&, const http::Request&, std::string_view) {
  return json_answer(200, "{\"status\":\"ok\"}\n");
}

constexpr auto routes = std::to_array<AdminRoute>({
    {"POST", "/api/v1/keys", create_key},
    {"GET", "/api/v1/keys", list_keys},
    {"GET", "/api/v1/keys/{id}", show_key},
    {"DELETE", "/api/v1/keys/{id}", revoke_key},
    {"GET", "/healthz", show_health},
});

constexpr std::string_view id_mark = "{id}";

struct PathMatch {
  bool fits = false;
  std::string_view id;
};

PathMatch match_path(std::string_view pattern, std::string_view path) {
  if (!pattern.ends_with(id_mark)) return {pattern == path, {}};
  const std::string_view start = pattern.substr(0, pattern.size() - id_mark.size());
  if (!path.starts_with(start)) return {};
  const std::string_view id = path.substr(start.size());
  return {!id.empty() && id.find('/') == std::string_view::npos, id};
}

std::string allowed_methods(std::string_view path) {
  std::string allowed;
  for (const AdminRoute& route : routes)
    if (match_path(route.path, path).fits)
      allowed += (allowed.empty() ? "" : ", ") + std::string(route.method == "GET" ? "GET, HEAD" : route.method);
  return allowed;
}

}  // namespace

std::span<const AdminRoute> admin_routes() { return routes; }

http::Response AdminApi::answer(const http::Request& request) const {
  const auto path = guard_.admit(request);
  if (!path) {
    log_.warning(
        "admin_request_refused",
        {{"reason", catalog_entry(path.error().error).code}, {"method", request.method}, {"peer", request.peer_address}});
    http::Response response = failure_answer(path.error());
    if (response.status == 405) response.headers.push_back({"Allow", "DELETE, GET, HEAD, POST"});
    return response;
  }
  const std::string_view method = request.method == "HEAD" ? "GET" : request.method;
  for (const AdminRoute& route : routes)
    if (const PathMatch match = match_path(route.path, *path); match.fits && method == route.method)
      return route.answer(keys_, request, match.id);
  const std::string allowed = allowed_methods(*path);
  if (allowed.empty()) return failure_answer({ApiError::route_not_found, {}});
  http::Response response = failure_answer({ApiError::method_not_allowed, {}});
  response.headers.push_back({"Allow", allowed});
  return response;
}

http::Response AdminApi::handle(const http::Request& request) const {
  http::Response response = answer(request);
  response.headers.push_back({"Cache-Control", "no-store"});
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.headers.push_back({"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"});
  response.headers.push_back({"Cross-Origin-Resource-Policy", "same-origin"});
  return response;
}

}  // namespace packyard
