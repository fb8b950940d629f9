#include "admin/request_object.h"

#include <utility>

#include "core/log.h"

namespace packyard {
namespace {

std::string quoted(std::string_view name) { return "\"" + escape_for_log(name, 64) + "\""; }

}  // namespace

ApiResult<JsonNode> parse_request_object(std::string_view body) {
  auto document = parse_json(body);
  if (!document) {
    const bool is_twice = document.error().message == json_name_twice;
    return refuse(is_twice ? ApiError::field_duplicate : ApiError::json_invalid, "the body: " + document.error().message);
  }
  if (document->kind != JsonNode::Kind::object) return refuse(ApiError::json_invalid, "the body is JSON, but not an object");
  return std::move(*document);
}

std::unexpected<ApiFailure> wrong_type(const JsonNode& field, std::string_view wanted) {
  return refuse(ApiError::field_type, "the field " + quoted(field.name) + " must be " + std::string(wanted));
}

std::unexpected<ApiFailure> unknown_field(const JsonNode& field, std::string_view known) {
  return refuse(ApiError::field_unknown, "the field " + quoted(field.name) + " is not known; known: " + std::string(known));
}

std::unexpected<ApiFailure> missing_field(std::string_view name) {
  return refuse(ApiError::field_missing, "the field " + quoted(name) + " is missing");
}

ApiResult<std::string> text_field(const JsonNode& field) {
  if (field.kind != JsonNode::Kind::text) return wrong_type(field, "a string");
  return field.text;
}

}  // namespace packyard
