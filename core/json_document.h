// JsonDocument: a JSON text (RFC 8259) as a plain tree, for documents of others. Strict where readers differ: a name twice in one
// object, a byte order mark, bytes behind the end and NUL are refused; so are more than 32 levels and 200,000 values, which
// bounds memory to some 30 MiB (the text's size is the caller's limit). nlohmann/json stays in json_document.cpp. Plain values.
// Errors are ErrorCode::invalid and never quote the text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace packyard {

struct JsonNode {
  enum class Kind { null, boolean, number, text, list, object };
  Kind kind = Kind::null;
  bool is_true = false;                  // boolean
  std::optional<std::uint64_t> whole{};  // number, when it is a whole one, not negative, written without fraction or exponent
  std::string name{};                    // when it is an entry of an object
  std::string text{};                    // text, in UTF-8; a number as it is written
  std::vector<JsonNode> items{};         // list, or an object's entries in their order

  // The entry of an object; nullptr when there is none.
  const JsonNode* find(std::string_view entry) const;
};

// The message of the error for an object with one name twice, for who must tell it from other faults.
inline constexpr std::string_view json_name_twice = "an object has one name twice";

Result<JsonNode> parse_json(std::string_view text);

}  // namespace packyard
