// The names a user meets, each its own type, made only by parse(): component, year, target, and the three together (TargetId).
// Grammar (facts: OCI name grammar, so that a component works in all formats): lower-case letters and digits, parts joined by
// one '.', '_' or '-'; 1 to 64 characters; never a word the registry API uses. Plain values.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

enum class Format { rpm, deb, oci };
std::string_view to_string(Format format);
Result<Format> parse_format(std::string_view text);

// True for a name that may stand in a path segment of a component, target or image.
bool is_plain_name(std::string_view text);

template <class Tag>
class Name {
 public:
  static Result<Name> parse(std::string_view text) {
    if (!Tag::accepts(text)) return fail(ErrorCode::invalid, std::string(Tag::refusal));
    return Name(std::string(text));
  }
  const std::string& text() const { return text_; }
  auto operator<=>(const Name&) const = default;

 private:
  explicit Name(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

struct ComponentTag {
  static constexpr std::string_view refusal =
      "a component is 1 to 64 lower-case letters and digits, parts joined by '.', '_' or '-', and not manifests, blobs, tags or "
      "referrers";
  static bool accepts(std::string_view text);
};
using ComponentName = Name<ComponentTag>;

struct YearTag {
  static constexpr std::string_view refusal = "a year is four digits from 2000 to 2999";
  static bool accepts(std::string_view text);
};
using Year = Name<YearTag>;

// os-arch for RPM ("el9-x86_64"), suite for DEB ("bookworm"), image for OCI ("server").
struct TargetTag {
  static constexpr std::string_view refusal =
      "a target is 1 to 64 lower-case letters and digits, parts joined by '.', '_' or '-'";
  static bool accepts(std::string_view text);
};
using TargetName = Name<TargetTag>;

struct TargetId {
  Format format;
  ComponentName component;
  Year year;
  TargetName target;

  auto operator<=>(const TargetId&) const = default;
  // "rpm/core/2025/el9-x86_64": how a target is written in releases, logs and the journal.
  std::string text() const;
  static Result<TargetId> parse(std::string_view text);
};

}  // namespace packyard
