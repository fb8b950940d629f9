#include "promote/deb_control.h"

#include <algorithm>
#include <array>

namespace packyard {
namespace {

constexpr std::size_t fields_max = 500;
// Written by the index; a package that brings them could make apt look elsewhere or trust other bytes.
constexpr std::array<std::string_view, 8> index_fields = {"filename", "size",   "md5sum",          "sha1",
                                                          "sha256",   "sha512", "description-md5", "status"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_names(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view without_blanks_around(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::unexpected<Error> refuse(std::size_t line_number, std::string_view why) {
  return fail(ErrorCode::invalid, "control file, line " + std::to_string(line_number) + ": " + std::string(why));
}

bool is_field_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 && name.front() != '#' && name.front() != '-' &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
}

bool has_control_character(std::string_view line) {
  return std::ranges::any_of(line, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

}  // namespace

Result<DebControl> DebControl::parse(std::string_view text) {
  if (text.size() > size_bytes_max) return fail(ErrorCode::invalid, "control file: larger than 1 MiB");
  DebControl control;
  bool ended = false;
  for (std::size_t line_number = 1; !text.empty(); ++line_number) {
    const std::size_t newline = text.find('\n');
    if (newline == std::string_view::npos) return refuse(line_number, "the last line does not end; the file is cut short");
    const std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline + 1);
    if (has_control_character(line)) return refuse(line_number, "holds a control character");
    if (without_blanks_around(line).empty()) {
      if (control.fields_.empty()) return refuse(line_number, "an empty line before the first field");
      ended = true;
      continue;
    }
    if (ended) return refuse(line_number, "a second stanza; a binary package has one");
    if (is_blank(line.front())) {
      if (control.fields_.empty()) return refuse(line_number, "a continuation line before the first field");
      std::string_view kept = line;
      while (is_blank(kept.back())) kept.remove_suffix(1);
      control.fields_.back().value.append("\n").append(kept);
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_field_name(line.substr(0, colon)))
      return refuse(line_number, "not 'Field: value'");
    const std::string_view name = line.substr(0, colon);
    if (std::ranges::any_of(control.fields_, [name](const Field& field) { return equal_names(field.name, name); }))
      return refuse(line_number, "field " + std::string(name) + " stands there twice");
    if (std::ranges::any_of(index_fields, [name](std::string_view field) { return equal_names(field, name); }))
      return refuse(line_number, "field " + std::string(name) + " belongs to the index, not to a package");
    if (control.fields_.size() == fields_max) return refuse(line_number, "more than 500 fields");
    control.fields_.push_back({std::string(name), std::string(without_blanks_around(line.substr(colon + 1)))});
  }
  if (control.fields_.empty()) return fail(ErrorCode::invalid, "control file: it is empty");
  return control;
}

std::string_view DebControl::value(std::string_view name) const {
  const auto found = std::ranges::find_if(fields_, [name](const Field& field) { return equal_names(field.name, name); });
  return found == fields_.end() ? std::string_view() : std::string_view(found->value);
}

std::string DebControl::text() const {
  std::string text;
  for (const Field& field : fields_) {
    text += field.name;
    text += field.value.empty() || field.value.front() == '\n' ? ":" : ": ";
    text += field.value;
    text += '\n';
  }
  return text;
}

}  // namespace packyard
