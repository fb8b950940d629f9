// JsonFields: the fields of an object in a JSON document of others, by name and with their types. Refuses an object that has one
// of the names it is asked about in another spelling ("Layers" beside or in place of "layers"): readers written in Go take
// either, so that two clients would see two documents. Absent and null are the same. Views into the document; plain.
// Errors are ErrorCode::invalid and name the field.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_document.h"
#include "core/result.h"

namespace packyard {

class JsonFields {
 public:
  // `known` are the names that are asked about below, at least.
  static Result<JsonFields> of(const JsonNode& object, std::initializer_list<std::string_view> known);

  bool has(std::string_view name) const { return find(name) != nullptr; }
  // Empty when absent.
  Result<std::string> text(std::string_view name) const;
  Result<std::optional<std::uint64_t>> whole(std::string_view name) const;
  // Null when absent.
  Result<const JsonNode*> object(std::string_view name) const;
  Result<const JsonNode*> list(std::string_view name) const;
  Result<std::vector<std::string>> texts(std::string_view name) const;                   // a list of texts
  Result<std::map<std::string, std::string>> text_by_name(std::string_view name) const;  // an object of texts

 private:
  explicit JsonFields(const JsonNode& object) : object_(&object) {}
  const JsonNode* find(std::string_view name) const;
  Result<const JsonNode*> find(std::string_view name, JsonNode::Kind kind, std::string_view what) const;

  const JsonNode* object_;
};

}  // namespace packyard
