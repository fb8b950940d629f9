#include "promote/json_fields.h"

#include <algorithm>

namespace packyard {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// As Go compares, except that letters beyond ASCII count as any: it folds two of them into s and k.
bool may_be_read_as(std::string_view name, std::string_view known) {
  return name != known && (!is_ascii(name) || std::ranges::equal(name, known, {}, lower, lower));
}

std::unexpected<Error> wrong(std::string_view name, std::string_view what) {
  return fail(ErrorCode::invalid, "the field '" + std::string(name) + "' is not " + std::string(what));
}

}  // namespace

Result<JsonFields> JsonFields::of(const JsonNode& object, std::initializer_list<std::string_view> known) {
  if (object.kind != JsonNode::Kind::object) return fail(ErrorCode::invalid, "not a JSON object");
  for (const JsonNode& item : object.items)
    for (const std::string_view name : known)
      if (may_be_read_as(item.name, name))
        return fail(ErrorCode::invalid, "a field that some clients take for '" + std::string(name) + "' and others do not");
  return JsonFields(object);
}

const JsonNode* JsonFields::find(std::string_view name) const {
  const JsonNode* const found = object_->find(name);
  return found != nullptr && found->kind != JsonNode::Kind::null ? found : nullptr;
}

Result<const JsonNode*> JsonFields::find(std::string_view name, JsonNode::Kind kind, std::string_view what) const {
  const JsonNode* const found = find(name);
  if (found != nullptr && found->kind != kind) return wrong(name, what);
  return found;
}

Result<std::string> JsonFields::text(std::string_view name) const {
  TRY_ASSIGN(const JsonNode* const found, find(name, JsonNode::Kind::text, "a text"));
  return found != nullptr ? found->text : std::string();
}

Result<std::optional<std::uint64_t>> JsonFields::whole(std::string_view name) const {
  TRY_ASSIGN(const JsonNode* const found, find(name, JsonNode::Kind::number, "a whole number"));
  if (found != nullptr && !found->whole) return wrong(name, "a whole number");
  return found != nullptr ? found->whole : std::nullopt;
}

Result<const JsonNode*> JsonFields::object(std::string_view name) const {
  return find(name, JsonNode::Kind::object, "an object");
}

Result<const JsonNode*> JsonFields::list(std::string_view name) const { return find(name, JsonNode::Kind::list, "a list"); }

Result<std::vector<std::string>> JsonFields::texts(std::string_view name) const {
  TRY_ASSIGN(const JsonNode* const found, list(name));
  std::vector<std::string> texts;
  if (found == nullptr) return texts;
  for (const JsonNode& item : found->items) {
    if (item.kind != JsonNode::Kind::text) return wrong(name, "a list of texts");
    texts.push_back(item.text);
  }
  return texts;
}

Result<std::map<std::string, std::string>> JsonFields::text_by_name(std::string_view name) const {
  TRY_ASSIGN(const JsonNode* const found, object(name));
  std::map<std::string, std::string> texts;
  if (found == nullptr) return texts;
  for (const JsonNode& item : found->items) {
    if (item.kind != JsonNode::Kind::text) return wrong(name, "an object of texts");
    texts.emplace(item.name, item.text);
  }
  return texts;
}

}  // namespace packyard
