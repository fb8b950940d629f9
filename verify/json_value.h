// JsonValue: a small JSON document as a tree of plain values, for readers that want to look at fields by name. Bounded by the
// number of values, so that a few bytes never become much memory. Plain values; safe to share between threads once made.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.h"
#include "verify/json_reader.h"

namespace packyard {

class JsonValue;
using JsonList = std::vector<JsonValue>;
using JsonObject = std::map<std::string, JsonValue, std::less<>>;

class JsonValue {
 public:
  JsonValue() = default;
  explicit JsonValue(JsonWord word) : value_(word) {}
  explicit JsonValue(std::uint64_t number) : value_(number) {}
  explicit JsonValue(std::string text) : value_(std::move(text)) {}
  explicit JsonValue(JsonList list) : value_(std::move(list)) {}
  explicit JsonValue(JsonObject object) : value_(std::move(object)) {}

  // Null when the value is of another kind.
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const std::uint64_t* number() const { return std::get_if<std::uint64_t>(&value_); }
  const JsonList* list() const { return std::get_if<JsonList>(&value_); }
  const JsonObject* object() const { return std::get_if<JsonObject>(&value_); }
  bool is_null() const { return holds(JsonWord::null_value); }

  // Of an object: the field, or null.
  const JsonValue* find(std::string_view name) const;
  // Of an object: the field when it is a text, or null.
  const std::string* find_text(std::string_view name) const;
  // An object that has these fields and no other.
  bool has_exactly(std::initializer_list<std::string_view> names) const;

 private:
  bool holds(JsonWord word) const {
    const auto* held = std::get_if<JsonWord>(&value_);
    return held != nullptr && *held == word;
  }
  std::variant<JsonWord, std::uint64_t, std::string, JsonList, JsonObject> value_ = JsonWord::null_value;
};

Result<JsonValue> read_json_value(std::string_view json, std::size_t values_max);

// That it is an object, and has no field whose name differs from a known one in case only: Go's parser, which most clients use,
// takes such a field for the known one. `what` names the object in the error.
Result<void> check_names(const JsonValue& value, std::span<const std::string_view> known, std::string_view what);

// A text field that may be absent; null counts as absent, as in Go.
Result<std::string> optional_text(const JsonValue& object, std::string_view name);

// An object of texts, like annotations; invalid when it holds anything else. `what` names it in the error.
Result<std::map<std::string, std::string>> read_text_map(const JsonValue& value, std::string_view what);

}  // namespace packyard
