#include "admin/key_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "storage/key_status.h"

namespace packyard {
namespace {

using Json = nlohmann::ordered_json;

Json time_json(const std::optional<Timestamp>& time) { return time ? Json(time->rfc3339()) : Json(nullptr); }

Json limit_json(const std::optional<std::uint64_t>& limit) { return limit ? Json(*limit) : Json(nullptr); }

template <class Items, class Show>
Json list_json(const Items& items, Show show) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(show(item));
  return list;
}

Json former_json(const KeyRecord& record, Timestamp now) {
  Json list = Json::array();
  for (const FormerSecret& secret : record.former_secrets)
    if (now < secret.valid_until) list.push_back(Json{{"valid_until", secret.valid_until.rfc3339()}});
  return list;
}

// What was given for a key.
Json given_json(const KeyRecord& record) {
  const KeyScope& scope = record.scope;
  const auto text = [](const auto& item) { return item.text(); };
  return Json{{"id", record.id.text},
              {"component", scope.components.size() == 1 ? Json(scope.components.front().text()) : Json(nullptr)},
              {"components", list_json(scope.components, text)},
              {"years", list_json(scope.years, text)},
              {"formats", list_json(scope.formats, [](Format format) { return to_string(format); })},
              {"addresses", list_json(scope.addresses, text)},
              {"label", record.label},
              {"created_at", record.created_at.rfc3339()},
              {"not_before", time_json(record.not_before)},
              {"expires_at", time_json(record.expires_at)},
              {"grace_seconds", record.grace.count()},
              {"requests_per_day", limit_json(record.limits.requests_per_day)},
              {"addresses_per_day", limit_json(record.limits.addresses_per_day)},
              {"revoked_at", time_json(record.revoked_at)},
              {"suspended_at", time_json(record.suspended_at)}};
}

Json json_of(const KeyRecord& record, Timestamp now) {
  Json json = given_json(record);
  json["former_secrets"] = former_json(record, now);
  json["last_used_at"] = time_json(record.last_used_at);
  json["use_count"] = record.use_count;
  json["status"] = to_string(status_of(record, now));
  return json;
}

// Enough to tell secrets apart.
std::string digest_start(const Sha256& digest) { return digest.hex().substr(0, 12); }

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// Metadata goes out as it came in, byte for byte: numbers of any length stay what they were.
std::string object_text(const Json& object, const KeyRecord& record) {
  std::string text = text_of(object);
  text.pop_back();
  return text + ",\"metadata\":" + (record.metadata.empty() ? "{}" : record.metadata) + "}";
}

std::string member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string joined(const Json& object, const char* name) {
  std::string text;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_array()) return text;
  for (const Json& item : *found)
    if (item.is_string()) text += (text.empty() ? "" : " ") + item.get<std::string>();
  return text;
}

std::uint64_t number(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

KeyView view_of(const Json& object) {
  KeyView view;
  view.id = member(object, "id");
  view.components = joined(object, "components");
  view.years = joined(object, "years");
  view.formats = joined(object, "formats");
  view.addresses = joined(object, "addresses");
  view.label = member(object, "label");
  view.created_at = member(object, "created_at");
  view.status = member(object, "status");
  view.not_before = member(object, "not_before");
  view.expires_at = member(object, "expires_at");
  view.grace_seconds = number(object, "grace_seconds");
  view.requests_per_day = number(object, "requests_per_day");
  view.addresses_per_day = number(object, "addresses_per_day");
  view.revoked_at = member(object, "revoked_at");
  view.suspended_at = member(object, "suspended_at");
  view.last_used_at = member(object, "last_used_at");
  if (const auto former = object.find("former_secrets"); former != object.end() && former->is_array())
    for (const Json& secret : *former)
      if (secret.is_object()) view.former_until += (view.former_until.empty() ? "" : " ") + member(secret, "valid_until");
  view.use_count = number(object, "use_count");
  const auto metadata = object.find("metadata");
  if (metadata != object.end() && !metadata->empty()) view.metadata = metadata->dump(-1, ' ', true, Json::error_handler_t::replace);
  view.key = Secret(member(object, "key"));
  return view;
}

std::unexpected<Error> not_from_an_admin() {
  return fail(ErrorCode::internal,
              "reading the admin's answer: it is not what packyard admin sends; is another program listening there?");
}

}  // namespace

std::string key_json(const KeyRecord& record, Timestamp now) { return object_text(json_of(record, now), record) + "\n"; }

std::string key_list_json(const std::vector<KeyRecord>& records, Timestamp now) {
  std::string list;
  for (const KeyRecord& record : records) list += (list.empty() ? "" : ",") + object_text(json_of(record, now), record);
  return "[" + list + "]\n";
}

std::string created_key_json(const KeyRecord& record, const Secret& key, Timestamp now) {
  Json json{{"id", record.id.text}, {"key", key.reveal()}};
  json.update(json_of(record, now));
  return object_text(json, record) + "\n";
}

std::string audited_key_json(const KeyRecord& record) {
  Json json = given_json(record);
  json["digest_start"] = digest_start(record.digest);
  // In the store's order, whatever order a change has them in.
  std::vector<FormerSecret> former = record.former_secrets;
  std::ranges::sort(former, [](const FormerSecret& left, const FormerSecret& right) {
    return left.valid_until != right.valid_until ? left.valid_until > right.valid_until : left.digest.hex() < right.digest.hex();
  });
  json["former_secrets"] = list_json(former, [](const FormerSecret& secret) {
    return Json{{"digest_start", digest_start(secret.digest)}, {"valid_until", secret.valid_until.rfc3339()}};
  });
  return object_text(json, record);
}

bool is_as_audited(const KeyRecord& record, std::string_view audited) {
  const Json said = Json::parse(audited, nullptr, false);
  const Json now = Json::parse(audited_key_json(record), nullptr, false);
  if (!said.is_object() || !now.is_object()) return false;
  return std::ranges::all_of(said.items(), [&](const auto& member) {
    const auto found = now.find(member.key());
    return found != now.end() && *found == member.value();
  });
}

std::string error_json(std::string_view code, std::string_view message) {
  return text_of(Json{{"error", {{"code", code}, {"message", message}}}}) + "\n";
}

Result<KeyView> parse_key_view(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || member(json, "id").empty()) return not_from_an_admin();
  return view_of(json);
}

Result<std::vector<KeyView>> parse_key_views(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_array()) return not_from_an_admin();
  std::vector<KeyView> views;
  for (const Json& object : json) {
    if (!object.is_object() || member(object, "id").empty()) return not_from_an_admin();
    views.push_back(view_of(object));
  }
  return views;
}

Result<ErrorView> parse_error_view(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return not_from_an_admin();
  const auto error = json.find("error");
  if (error == json.end() || !error->is_object()) return not_from_an_admin();
  return ErrorView{member(*error, "code"), member(*error, "message")};
}

}  // namespace packyard
