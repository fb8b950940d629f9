#include "admin/key_json.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/log.h"

namespace packyard {
namespace {

using Json = nlohmann::ordered_json;

enum class ValueType { text, null, other };

struct Field {
  std::string name;
  ValueType type = ValueType::other;
  std::string text;
};

// Reads one flat object event by event: duplicates stay visible, and depth cannot grow.
class FlatObjectReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::vector<Field> fields;
  std::optional<ApiFailure> failure;

  bool null() override { return take(ValueType::null); }
  bool boolean(bool) override { return take(ValueType::other); }
  bool number_integer(number_integer_t) override { return take(ValueType::other); }
  bool number_unsigned(number_unsigned_t) override { return take(ValueType::other); }
  bool number_float(number_float_t, const string_t&) override { return take(ValueType::other); }
  bool string(string_t& value) override { return take(ValueType::text, value); }
  bool binary(binary_t&) override { return take(ValueType::other); }
  bool start_object(std::size_t) override {
    if (!in_object_) return in_object_ = true;
    return nested();
  }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override {
    return in_object_ ? nested() : stop(ApiError::json_invalid, "the body is a JSON array, not an object");
  }
  bool end_array() override { return true; }
  bool key(string_t& name) override {
    for (const Field& field : fields)
      if (field.name == name) return stop(ApiError::field_duplicate, "the field " + quoted(name) + " stands twice");
    fields.push_back(Field{name, ValueType::other, {}});
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    // The library's own text quotes the input, which may hold something private.
    return stop(ApiError::json_invalid, "the body is not valid JSON near byte " + std::to_string(position));
  }

  static std::string quoted(std::string_view name) { return "\"" + escape_for_log(name, 64) + "\""; }

 private:
  bool stop(ApiError error, std::string detail) {
    if (!failure) failure = ApiFailure{error, std::move(detail)};
    return false;
  }
  bool nested() { return stop(ApiError::field_type, "the field " + quoted(fields.back().name) + " must be a string"); }
  bool take(ValueType type, std::string_view text = {}) {
    if (!in_object_) return stop(ApiError::json_invalid, "the body is a single JSON value, not an object");
    fields.back().type = type;
    fields.back().text = text;
    return true;
  }

  bool in_object_ = false;
};

ApiResult<void> put(KeyRequest& request, const Field& field, std::array<bool, 2>& present) {
  const bool is_expiry = field.name == "expires_at";
  if (!is_expiry && field.name != "component" && field.name != "label")
    return refuse(ApiError::field_unknown, "the field " + FlatObjectReader::quoted(field.name) +
                                               " is not known; known are component, label and expires_at");
  if (field.type == ValueType::other || (field.type == ValueType::null && !is_expiry))
    return refuse(ApiError::field_type, "the field " + FlatObjectReader::quoted(field.name) + " must be a string");
  if (is_expiry) {
    if (field.type == ValueType::text) request.expires_at = field.text;
  } else if (field.name == "component") {
    request.component = field.text;
    present[0] = true;
  } else {
    request.label = field.text;
    present[1] = true;
  }
  return {};
}

Json time_json(const std::optional<Timestamp>& time) { return time ? Json(time->rfc3339()) : Json(nullptr); }

std::string_view status_of(const KeyRecord& record, Timestamp now) {
  if (record.revoked_at) return "revoked";
  if (record.expires_at && *record.expires_at <= now) return "expired";
  return "active";
}

Json json_of(const KeyRecord& record, Timestamp now) {
  return Json{{"id", record.id.text},
              {"component", record.component.text()},
              {"label", record.label},
              {"created_at", record.created_at.rfc3339()},
              {"expires_at", time_json(record.expires_at)},
              {"revoked_at", time_json(record.revoked_at)},
              {"last_used_at", time_json(record.last_used_at)},
              {"use_count", record.use_count},
              {"status", status_of(record, now)}};
}

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

KeyView view_of(const Json& object) {
  KeyView view;
  view.id = member(object, "id");
  view.component = member(object, "component");
  view.label = member(object, "label");
  view.created_at = member(object, "created_at");
  view.status = member(object, "status");
  view.expires_at = member(object, "expires_at");
  view.revoked_at = member(object, "revoked_at");
  view.last_used_at = member(object, "last_used_at");
  const auto uses = object.find("use_count");
  if (uses != object.end() && uses->is_number_unsigned()) view.use_count = uses->get<std::uint64_t>();
  view.key = Secret(member(object, "key"));
  return view;
}

std::unexpected<Error> not_from_an_admin() {
  return fail(ErrorCode::internal,
              "reading the admin's answer: it is not what packyard admin sends; is another program listening there?");
}

}  // namespace

ApiResult<KeyRequest> parse_key_request(std::string_view body) {
  FlatObjectReader reader;
  nlohmann::json::sax_parse(body, &reader);
  if (reader.failure) return std::unexpected(std::move(*reader.failure));
  KeyRequest request;
  std::array<bool, 2> present{};
  for (const Field& field : reader.fields)
    if (auto taken = put(request, field, present); !taken) return std::unexpected(std::move(taken).error());
  if (!present[0]) return refuse(ApiError::field_missing, "the field \"component\" is missing");
  if (!present[1]) return refuse(ApiError::field_missing, "the field \"label\" is missing");
  return request;
}

std::string key_json(const KeyRecord& record, Timestamp now) { return text_of(json_of(record, now)); }

std::string key_list_json(const std::vector<KeyRecord>& records, Timestamp now) {
  Json list = Json::array();
  for (const KeyRecord& record : records) list.push_back(json_of(record, now));
  return text_of(list);
}

std::string created_key_json(const KeyRecord& record, const Secret& key, Timestamp now) {
  Json json{{"id", record.id.text}, {"key", key.reveal()}};
  json.update(json_of(record, now));
  return text_of(json);
}

std::string error_json(std::string_view code, std::string_view message) {
  return text_of(Json{{"error", {{"code", code}, {"message", message}}}});
}

std::string key_request_json(const KeyRequest& request) {
  Json json{{"component", request.component}, {"label", request.label}};
  if (request.expires_at) json["expires_at"] = *request.expires_at;
  return text_of(json);
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
