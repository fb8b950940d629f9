#include "admin/key_fields.h"

#include <algorithm>
#include <array>
#include <utility>

#include "admin/request_object.h"
#include "core/json_text.h"

namespace packyard {
namespace {

using Kind = JsonNode::Kind;

ApiResult<KeyFields::Texts> texts_of(const JsonNode& node) {
  if (node.kind != Kind::list) return wrong_type(node, "a list of strings");
  KeyFields::Texts texts;
  for (const JsonNode& item : node.items) {
    if (item.kind != Kind::text) return wrong_type(node, "a list of strings");
    texts.push_back(item.text);
  }
  return texts;
}

// Moves what was read into its place, or hands on why not.
template <class Into, class From>
ApiResult<void> keep(Into& into, ApiResult<From> from) {
  if (!from) return std::unexpected(std::move(from).error());
  into = std::move(*from);
  return {};
}

ApiResult<void> put_component(KeyFields& fields, const JsonNode& node) {
  if (fields.components) return refuse(ApiError::field_duplicate, "component and components say the same: give one of them");
  if (node.name == "components") return keep(fields.components, texts_of(node));
  auto text = text_field(node);
  if (!text) return std::unexpected(std::move(text).error());
  fields.components = KeyFields::Texts{std::move(*text)};
  return {};
}

ApiResult<void> put_label(KeyFields& fields, const JsonNode& node) { return keep(fields.label, text_field(node)); }

template <std::optional<KeyFields::Texts> KeyFields::* place>
ApiResult<void> put_list(KeyFields& fields, const JsonNode& node) {
  if (node.kind != Kind::null) return keep(fields.*place, texts_of(node));
  fields.*place = KeyFields::Texts();
  return {};
}

template <std::optional<KeyFields::Time> KeyFields::* place>
ApiResult<void> put_time(KeyFields& fields, const JsonNode& node) {
  fields.*place = KeyFields::Time();
  return node.kind == Kind::null ? ApiResult<void>() : keep((fields.*place).value(), text_field(node));
}

ApiResult<void> put_grace(KeyFields& fields, const JsonNode& node) {
  if (node.kind != Kind::null && !node.whole) return wrong_type(node, "a whole number");
  fields.grace_seconds = node.whole.value_or(0);
  return {};
}

template <std::optional<KeyFields::Limit> KeyFields::* place>
ApiResult<void> put_limit(KeyFields& fields, const JsonNode& node) {
  if (node.kind != Kind::null && !node.whole) return wrong_type(node, "a whole number");
  fields.*place = node.whole;
  return {};
}

// What stands below, itself included.
std::size_t levels_of(const JsonNode& node) {
  std::size_t below = 0;
  for (const JsonNode& item : node.items) below = std::max(below, levels_of(item));
  return below + 1;
}

ApiResult<void> put_metadata(KeyFields& fields, const JsonNode& node) {
  if (node.kind != Kind::null && node.kind != Kind::object) return wrong_type(node, "an object");
  if (levels_of(node) > metadata_levels_max)
    return refuse(ApiError::metadata_invalid, "metadata has more than " + std::to_string(metadata_levels_max) + " levels");
  fields.metadata = node.items.empty() ? std::string() : json_text(node);
  return {};
}

struct KnownField {
  std::string_view name;
  ApiResult<void> (*put)(KeyFields& fields, const JsonNode& node);
};
constexpr auto known_fields = std::to_array<KnownField>({
    {"component", put_component},
    {"components", put_component},
    {"label", put_label},
    {"years", put_list<&KeyFields::years>},
    {"formats", put_list<&KeyFields::formats>},
    {"addresses", put_list<&KeyFields::addresses>},
    {"not_before", put_time<&KeyFields::not_before>},
    {"expires_at", put_time<&KeyFields::expires_at>},
    {"grace_seconds", put_grace},
    {"requests_per_day", put_limit<&KeyFields::requests_per_day>},
    {"addresses_per_day", put_limit<&KeyFields::addresses_per_day>},
    {"metadata", put_metadata},
});

std::string list_text(const KeyFields::Texts& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ",") + json_text(std::string_view(text));
  return "[" + list + "]";
}

std::string time_text(const KeyFields::Time& time) { return time ? json_text(std::string_view(*time)) : "null"; }
std::string limit_text(const KeyFields::Limit& limit) { return limit ? std::to_string(*limit) : "null"; }

}  // namespace

ApiResult<void> put_key_field(KeyFields& fields, const JsonNode& node) {
  const auto* const known = std::ranges::find(known_fields, node.name, &KnownField::name);
  if (known != known_fields.end()) return known->put(fields, node);
  std::string names;
  for (const KnownField& field : known_fields) names += (names.empty() ? "" : ", ") + std::string(field.name);
  return unknown_field(node, names);
}

ApiResult<KeyFields> parse_key_fields(std::string_view body) {
  const auto document = parse_request_object(body);
  if (!document) return std::unexpected(document.error());
  KeyFields fields;
  for (const JsonNode& node : document->items)
    if (auto taken = put_key_field(fields, node); !taken) return std::unexpected(std::move(taken).error());
  return fields;
}

std::string key_fields_json(const KeyFields& fields) {
  std::string text;
  const auto add = [&](std::string_view name, const std::string& value) {
    text += (text.empty() ? "" : ",") + json_text(name) + ":" + value;
  };
  if (fields.components && fields.components->size() == 1) add("component", json_text(std::string_view(fields.components->front())));
  if (fields.components && fields.components->size() != 1) add("components", list_text(*fields.components));
  if (fields.label) add("label", json_text(std::string_view(*fields.label)));
  if (fields.years) add("years", list_text(*fields.years));
  if (fields.formats) add("formats", list_text(*fields.formats));
  if (fields.addresses) add("addresses", list_text(*fields.addresses));
  if (fields.not_before) add("not_before", time_text(*fields.not_before));
  if (fields.expires_at) add("expires_at", time_text(*fields.expires_at));
  if (fields.grace_seconds) add("grace_seconds", std::to_string(*fields.grace_seconds));
  if (fields.requests_per_day) add("requests_per_day", limit_text(*fields.requests_per_day));
  if (fields.addresses_per_day) add("addresses_per_day", limit_text(*fields.addresses_per_day));
  if (fields.metadata) add("metadata", fields.metadata->empty() ? "null" : *fields.metadata);
  return "{" + text + "}\n";
}

ApiResult<std::uint64_t> parse_overlap(std::string_view body) {
  const auto document = parse_request_object(body);
  if (!document) return std::unexpected(document.error());
  for (const JsonNode& node : document->items)
    if (node.name != "overlap_seconds") return unknown_field(node, "overlap_seconds");
  if (document->items.empty()) return missing_field("overlap_seconds");
  const JsonNode& node = document->items.front();
  if (!node.whole) return wrong_type(node, "a whole number");
  return *node.whole;
}

ApiResult<void> parse_nothing(std::string_view body) {
  if (body.empty()) return {};
  const auto document = parse_request_object(body);
  if (!document) return std::unexpected(document.error());
  if (!document->items.empty()) return unknown_field(document->items.front(), "none");
  return {};
}

}  // namespace packyard
