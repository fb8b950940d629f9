#include "core/names.h"

#include <algorithm>
#include <array>

namespace packyard {
namespace {

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_joint(char c) { return c == '.' || c == '_' || c == '-'; }

constexpr std::array<std::string_view, 4> registry_words = {"manifests", "blobs", "tags", "referrers"};

}  // namespace

std::string_view to_string(Format format) {
  switch (format) {
    case Format::rpm: return "rpm";
    case Format::deb: return "deb";
    case Format::oci: return "oci";
  }
  return "oci";
}

Result<Format> parse_format(std::string_view text) {
  for (const Format format : {Format::rpm, Format::deb, Format::oci})
    if (text == to_string(format)) return format;
  return fail(ErrorCode::invalid, "a format is rpm, deb or oci");
}

bool is_plain_name(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  if (!is_letter_or_digit(text.front()) || !is_letter_or_digit(text.back())) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_letter_or_digit(text[i])) continue;
    if (!is_joint(text[i]) || is_joint(text[i + 1])) return false;
  }
  return true;
}

bool ComponentTag::accepts(std::string_view text) {
  return is_plain_name(text) && std::ranges::find(registry_words, text) == registry_words.end();
}

bool YearTag::accepts(std::string_view text) {
  return text.size() == 4 && text[0] == '2' && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool TargetTag::accepts(std::string_view text) {
  return is_plain_name(text) && std::ranges::find(registry_words, text) == registry_words.end();
}

std::string TargetId::text() const {
  return std::string(to_string(format)) + "/" + component.text() + "/" + year.text() + "/" + target.text();
}

Result<TargetId> TargetId::parse(std::string_view text) {
  std::array<std::string_view, 4> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t slash = text.find('/');
    if ((slash == std::string_view::npos) != (i == 3))
      return fail(ErrorCode::invalid, "a target is written format/component/year/target, like rpm/core/2025/el9-x86_64");
    parts[i] = text.substr(0, slash);
    text = i == 3 ? std::string_view() : text.substr(slash + 1);
  }
  TRY_ASSIGN(const Format format, parse_format(parts[0]));
  TRY_ASSIGN(auto component, ComponentName::parse(parts[1]));
  TRY_ASSIGN(auto year, Year::parse(parts[2]));
  TRY_ASSIGN(auto target, TargetName::parse(parts[3]));
  return TargetId{format, std::move(component), std::move(year), std::move(target)};
}

}  // namespace packyard
