// KeyFields: what the body of a request says about a key, nothing judged yet but the shape. A field that was not given is absent,
// so that one type serves making and changing; null stands for the default (all of a list, no time, no metadata). Pure
// functions; parsing takes hostile bytes. RFC 8259.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/error_catalog.h"
#include "core/json_document.h"

namespace packyard {

// The audit log shows metadata two levels further down, and JSON is read to 32.
inline constexpr std::size_t metadata_levels_max = 16;

struct KeyFields {
  using Texts = std::vector<std::string>;
  using Time = std::optional<std::string>;     // absent: none
  using Limit = std::optional<std::uint64_t>;  // absent: none

  std::optional<Texts> components{};  // "component": one, or "components": several
  std::optional<std::string> label{};
  std::optional<Texts> years{}, formats{}, addresses{};
  std::optional<Time> not_before{}, expires_at{};
  std::optional<std::uint64_t> grace_seconds{};
  std::optional<Limit> requests_per_day{}, addresses_per_day{};
  std::optional<std::string> metadata{};  // one JSON object without white space between its parts, or empty

  bool operator==(const KeyFields&) const = default;
};

// One object, each field once, none that is not known. Errors name a field, escaped, and never a value.
ApiResult<KeyFields> parse_key_fields(std::string_view body);
std::string key_fields_json(const KeyFields& fields);
// One field of such an object, for objects that hold more.
ApiResult<void> put_key_field(KeyFields& fields, const JsonNode& field);

// {"overlap_seconds":N}, which a rotation must name.
ApiResult<std::uint64_t> parse_overlap(std::string_view body);
// For requests that say everything in their path: nothing, or {}.
ApiResult<void> parse_nothing(std::string_view body);

}  // namespace packyard
