#include "admin/routes.h"

#include <array>
#include <string>
#include <utility>

#include "admin/api_answer.h"
#include "admin/key_json.h"
#include "admin/key_lines.h"
#include "admin/list_request.h"
#include "admin/openapi_document.h"
#include "admin/promotion_routes.h"
#include "admin/usage_routes.h"

namespace packyard {
namespace {

http::Response lines_answer(unsigned status, std::string body) {
  http::Response response = json_answer(status, std::move(body));
  response.headers.front().value = "application/x-ndjson";
  return response;
}

// Lines in, lines out: each key as its creation alone would answer it.
http::Response create_keys(KeyService& keys, const AdminRequest& request) {
  const auto wanted = parse_key_lines(request.body);
  if (!wanted) return failure_answer(wanted.error());
  const auto created = keys.create_all(*wanted, request.caller);
  if (!created) return failure_answer(created.error());
  std::size_t bytes = 0;
  std::vector<std::string> lines;
  for (const CreatedKey& key : *created) bytes += lines.emplace_back(created_key_json(key.record, key.key, keys.now())).size();
  std::string body;
  body.reserve(bytes);  // so that keys are not left behind in outgrown buffers
  for (const std::string& line : lines) body += line;
  return lines_answer(201, std::move(body));
}

http::Response create_key(KeyService& keys, const AdminRequest& request) {
  if (request.kind == BodyKind::lines) return create_keys(keys, request);
  const auto wanted = parse_key_fields(request.body);
  if (!wanted) return failure_answer(wanted.error());
  const auto created = keys.create(*wanted, request.caller);
  if (!created) return failure_answer(created.error());
  http::Response response = json_answer(201, created_key_json(created->record, created->key, keys.now()));
  response.headers.push_back({"Location", "/api/v1/keys/" + created->record.id.text});
  return response;
}

// A page names the next one, at the same path, as RFC 8288 has it; a list without limit is whole.
template <class Show>
http::Response page_of_keys(KeyService& keys, const AdminRequest& request, std::string_view path, Show show) {
  const auto query = parse_list_request(request.query, keys.now());
  if (!query) return failure_answer(query.error());
  const auto page = keys.list(*query);
  if (!page) return failure_answer(page.error());
  http::Response response = show(page->records, query->now);
  if (page->next)
    response.headers.push_back({"Link", "<" + std::string(path) + "?" + next_page_text(*query, *page->next) + ">; rel=\"next\""});
  return response;
}

http::Response list_keys(KeyService& keys, const AdminRequest& request) {
  return page_of_keys(keys, request, "/api/v1/keys", [](const std::vector<KeyRecord>& records, Timestamp now) {
    return json_answer(200, key_list_json(records, now));
  });
}

http::Response one_key(const ApiResult<KeyRecord>& record, const KeyService& keys) {
  return record ? json_answer(200, key_json(*record, keys.now())) : failure_answer(record.error());
}

http::Response show_key(KeyService& keys, const AdminRequest& request) { return one_key(keys.find(request.id), keys); }

http::Response revoke_key(KeyService& keys, const AdminRequest& request) {
  return one_key(keys.revoke(request.id, request.caller), keys);
}

http::Response change_key(KeyService& keys, const AdminRequest& request) {
  const auto fields = parse_key_fields(request.body);
  return fields ? one_key(keys.change(request.id, *fields, request.caller), keys) : failure_answer(fields.error());
}

http::Response rotate_key(KeyService& keys, const AdminRequest& request) {
  const auto overlap_seconds = parse_overlap(request.body);
  if (!overlap_seconds) return failure_answer(overlap_seconds.error());
  const auto rotated = keys.rotate(request.id, *overlap_seconds, request.caller);
  return rotated ? json_answer(200, created_key_json(rotated->record, rotated->key, keys.now())) : failure_answer(rotated.error());
}

http::Response suspend_key(KeyService& keys, const AdminRequest& request) {
  const auto nothing = parse_nothing(request.body);
  return nothing ? one_key(keys.suspend(request.id, request.caller), keys) : failure_answer(nothing.error());
}

http::Response resume_key(KeyService& keys, const AdminRequest& request) {
  const auto nothing = parse_nothing(request.body);
  return nothing ? one_key(keys.resume(request.id, request.caller), keys) : failure_answer(nothing.error());
}

http::Response export_keys(KeyService& keys, const AdminRequest& request) {
  return page_of_keys(keys, request, "/api/v1/export", [](const std::vector<KeyRecord>& records, Timestamp) {
    std::string lines;
    for (const KeyRecord& record : records) lines += exported_key_line(record);
    return lines_answer(200, std::move(lines));
  });
}

http::Response import_keys(KeyService& keys, const AdminRequest& request) {
  if (request.kind != BodyKind::lines)
    return failure_answer({ApiError::media_type_unsupported, "send the lines of an export with Content-Type: application/x-ndjson"});
  const auto records = parse_exported_keys(request.body);
  if (!records) return failure_answer(records.error());
  const auto done = keys.import_all(*records, request.caller);
  if (!done) return failure_answer(done.error());
  return json_answer(200, "{\"imported\":" + std::to_string(done->imported) + ",\"skipped\":" + std::to_string(done->skipped) + "}\n");
}

http::Response check_request(KeyService& keys, const AdminRequest& request) {
  const auto question = parse_check_request(request.body);
  if (!question) return failure_answer(question.error());
  const auto answer = keys.check(*question);
  return answer ? json_answer(200, check_answer_json(*answer)) : failure_answer(answer.error());
}

http::Response show_document(KeyService&, const AdminRequest&) { return json_answer(200, std::string(openapi_document())); }

http::Response show_health(KeyService&, const AdminRequest&) {
  return json_answer(200, "{\"status\":\"ok\"}\n");
}

constexpr AdminRole to_read = AdminRole::read, to_change_keys = AdminRole::keys, to_promote = AdminRole::all;
constexpr QueryUse with_query = QueryUse::taken, no_query = QueryUse::refused;
constexpr LinesUse with_lines = LinesUse::taken, no_lines = LinesUse::refused;
constexpr auto routes = std::to_array<AdminRoute>({
    {"POST", "/api/v1/keys", to_change_keys, no_query, with_lines, create_key},
    {"GET", "/api/v1/keys", to_read, with_query, no_lines, list_keys},
    {"GET", "/api/v1/keys/{id}", to_read, no_query, no_lines, show_key},
    {"PATCH", "/api/v1/keys/{id}", to_change_keys, no_query, no_lines, change_key},
    {"DELETE", "/api/v1/keys/{id}", to_change_keys, no_query, no_lines, revoke_key},
    {"GET", "/api/v1/keys/{id}/usage", to_read, with_query, no_lines, show_usage},
    {"POST", "/api/v1/keys/{id}/rotate", to_change_keys, no_query, no_lines, rotate_key},
    {"POST", "/api/v1/keys/{id}/suspend", to_change_keys, no_query, no_lines, suspend_key},
    {"POST", "/api/v1/keys/{id}/resume", to_change_keys, no_query, no_lines, resume_key},
    {"GET", "/api/v1/export", to_read, with_query, no_lines, export_keys},
    {"POST", "/api/v1/import", to_change_keys, no_query, with_lines, import_keys},
    {"POST", "/api/v1/check", to_read, no_query, no_lines, check_request},
    {"POST", "/api/v1/promotions", to_promote, no_query, no_lines, add_promotion},
    {"GET", "/api/v1/promotions", to_read, with_query, no_lines, list_promotions},
    {"GET", "/api/v1/promotions/{id}", to_read, no_query, no_lines, show_promotion},
    {"GET", "/api/v1/openapi.json", to_read, no_query, no_lines, show_document},
    {"GET", "/healthz", to_read, no_query, no_lines, show_health},
});

constexpr std::string_view id_mark = "{id}";

struct PathMatch {
  bool fits = false;
  std::string_view id;
};

PathMatch match_path(std::string_view pattern, std::string_view path) {
  const std::size_t mark = pattern.find(id_mark);
  if (mark == std::string_view::npos) return {pattern == path, {}};
  const std::string_view start = pattern.substr(0, mark), end = pattern.substr(mark + id_mark.size());
  if (path.size() < start.size() + end.size() || !path.starts_with(start) || !path.ends_with(end)) return {};
  const std::string_view id = path.substr(start.size(), path.size() - start.size() - end.size());
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

http::Response AdminApi::answer_from(const AdminRoute& route, const AdminRequest& request) const {
  if (const auto* const from_keys = std::get_if<KeyAnswer*>(&route.answer)) return (*from_keys)(keys_, request);
  return std::get<PromotionAnswer*>(route.answer)(promotions_, request);
}

http::Response AdminApi::refuse_role(const AdminRoute& route, const AdminCaller& caller) const {
  log_.warning("admin_role_denied", {{"caller", caller.name},
                                     {"role", to_string(caller.role)},
                                     {"needed", to_string(route.needs)},
                                     {"method", route.method},
                                     {"path", route.path},
                                     {"peer", caller.address}});
  return failure_answer({ApiError::role_denied, "the token of \"" + caller.name + "\" has the role " + std::string(to_string(caller.role)) +
                                                    "; this needs the role " + std::string(to_string(route.needs))});
}

http::Response AdminApi::answer(const http::Request& request) const {
  const auto target = guard_.admit(request);
  if (!target) {
    log_.warning(
        "admin_request_refused",
        {{"reason", catalog_entry(target.error().error).code}, {"method", request.method}, {"peer", request.peer_address}});
    http::Response response = failure_answer(target.error());
    if (response.status == 405) response.headers.push_back({"Allow", "DELETE, GET, HEAD, PATCH, POST"});
    return response;
  }
  const std::string_view method = request.method == "HEAD" ? "GET" : request.method;
  for (const AdminRoute& route : routes)
    if (const PathMatch match = match_path(route.path, target->path); match.fits && method == route.method) {
      if (!target->caller.may(route.needs)) return refuse_role(route, target->caller);
      if (route.query == QueryUse::refused && !target->query.empty()) return failure_answer({ApiError::query_unknown, {}});
      if (route.lines == LinesUse::refused && target->body == BodyKind::lines)
        return failure_answer({ApiError::media_type_unsupported, {}});
      return answer_from(route, {request.body, match.id, target->query, target->body, target->caller});
    }
  const std::string allowed = allowed_methods(target->path);
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
