#include "admin/promotion_fields.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "admin/query_text.h"
#include "admin/request_object.h"
#include "core/json_text.h"
#include "core/log.h"

namespace packyard {
namespace {

struct TextField {
  std::string_view name;
  std::optional<std::string> PromotionFields::*place;
};
constexpr auto text_fields = std::to_array<TextField>({
    {"component", &PromotionFields::component},
    {"year", &PromotionFields::year},
    {"format", &PromotionFields::format},
    {"target", &PromotionFields::target},
});
constexpr std::string_view known_fields = "component, year, format, target, dry_run";

ApiResult<void> put_field(PromotionFields& fields, const JsonNode& node) {
  if (node.name == "dry_run") {
    if (node.kind != JsonNode::Kind::boolean) return wrong_type(node, "true or false");
    fields.mode = node.is_true ? PromotionMode::dry_run : PromotionMode::publish;
    return {};
  }
  const auto* const known = std::ranges::find(text_fields, node.name, &TextField::name);
  if (known == text_fields.end()) return unknown_field(node, known_fields);
  if (node.kind == JsonNode::Kind::null) return {};
  auto text = text_field(node);
  if (!text) return std::unexpected(std::move(text).error());
  fields.*(known->place) = std::move(*text);
  return {};
}

ApiResult<void> put_parameter(PromotionListRequest& request, const QueryParameter& parameter) {
  const std::string& value = parameter.value;
  if (parameter.name == "limit") {
    const auto [stopped, failure] = std::from_chars(value.data(), value.data() + value.size(), request.limit);
    const bool is_number = failure == std::errc() && stopped == value.data() + value.size();
    if (!is_number || request.limit < 1 || request.limit > page_promotions_max)
      return refuse(ApiError::query_invalid, "limit is a whole number from 1 to " + std::to_string(page_promotions_max));
    return {};
  }
  if (parameter.name == "cursor") {
    request.before = PromotionId::parse(value);
    if (!request.before) return refuse(ApiError::query_invalid, "cursor is not one that a list gave");
    return {};
  }
  return refuse(ApiError::query_unknown,
                "the query parameter \"" + escape_for_log(parameter.name, 64) + "\" is not known; known: limit, cursor");
}

}  // namespace

ApiResult<PromotionFields> parse_promotion_fields(std::string_view body) {
  const auto object = parse_request_object(body);
  if (!object) return std::unexpected(object.error());
  PromotionFields fields;
  for (const JsonNode& node : object->items)
    if (auto put = put_field(fields, node); !put) return std::unexpected(std::move(put).error());
  return fields;
}

std::string promotion_fields_json(const PromotionFields& fields) {
  std::string text = "{";
  for (const TextField& field : text_fields)
    if (const auto& value = fields.*(field.place))
      text += json_text(field.name) + ":" + json_text(std::string_view(*value)) + ",";
  return text + "\"dry_run\":" + (fields.mode == PromotionMode::dry_run ? "true" : "false") + "}";
}

ApiResult<PromotionListRequest> parse_promotion_list_request(std::string_view query) {
  const auto parameters = parse_query_text(query);
  if (!parameters) return std::unexpected(parameters.error());
  PromotionListRequest request;
  for (const QueryParameter& parameter : *parameters)
    if (auto put = put_parameter(request, parameter); !put) return std::unexpected(std::move(put).error());
  return request;
}

std::string next_promotions_text(const PromotionListRequest& request, PromotionId last) {
  return query_text({{"limit", std::to_string(request.limit)}, {"cursor", last.text()}});
}

}  // namespace packyard
