#include "verify/deb_paragraph.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <set>

namespace packyard {
namespace {

constexpr std::size_t paragraph_bytes_max = 64 * 1024 * 1024;  // a Release file of a large suite is one paragraph
constexpr std::array<std::string_view, 16> deciding_fields = {
    "Package",  "Source",   "Version",    "Architecture", "Depends",  "Pre-Depends", "Conflicts", "Breaks",
    "Replaces", "Provides", "Recommends", "Suggests",     "Enhances", "Multi-Arch",  "Essential", "Installed-Size"};

bool same_name(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return lower(a) == lower(b);
  });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::string_view next_word(std::string_view& text) {
  text = trimmed(text);
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

}  // namespace

std::string_view DebParagraph::value(std::string_view field) const {
  for (const Field& known : fields_)
    if (same_name(known.name, field)) return known.value;
  return {};
}

bool DebParagraph::has(std::string_view field) const {
  return std::ranges::any_of(fields_, [&](const Field& known) { return same_name(known.name, field); });
}

Result<void> DebParagraph::add_line(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') {
    if (fields_.empty()) return fail(ErrorCode::invalid, "begins with a continuation line");
    fields_.back().value.append("\n").append(line);
    return {};
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || line.substr(0, colon).find_first_of(" \t") != std::string_view::npos)
    return fail(ErrorCode::invalid, "has a line that is no field");
  const std::string_view name = line.substr(0, colon);
  if (has(name)) return fail(ErrorCode::invalid, "has the field " + std::string(name) + " twice");
  fields_.push_back({std::string(name), std::string(trimmed(line.substr(colon + 1)))});
  return {};
}

Result<void> DebParagraphReader::take_line(std::string_view line) {
  if (trimmed(line).empty()) {
    if (paragraph_.empty()) return {};
    const Result<void> outcome = visit_(paragraph_);
    paragraph_.clear();
    paragraph_bytes_ = 0;
    return outcome;
  }
  paragraph_bytes_ += line.size();
  if (paragraph_bytes_ > paragraph_bytes_max) return fail(ErrorCode::invalid, "has a paragraph that does not end");
  return paragraph_.add_line(line);
}

Result<void> DebParagraphReader::feed(std::string_view bytes) {
  while (true) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) break;
    if (rest_.empty()) {
      TRY(take_line(bytes.substr(0, end)));
    } else {
      rest_ += bytes.substr(0, end);
      TRY(take_line(rest_));
      rest_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
  rest_ += bytes;
  if (rest_.size() > paragraph_bytes_max) return fail(ErrorCode::invalid, "has a line that does not end");
  return {};
}

Result<void> DebParagraphReader::finish() {
  if (!rest_.empty()) TRY(take_line(std::exchange(rest_, {})));
  return take_line("");
}

Sha256 control_digest(const DebParagraph& paragraph) {
  Sha256Stream hash;
  for (const std::string_view field : deciding_fields) {
    hash.update(field);
    hash.update("=");
    hash.update(paragraph.value(field));
    hash.update(std::string_view("\0", 1));
  }
  return hash.finish();
}

Result<Timestamp> parse_release_date(std::string_view text) {
  std::tm parts{};
  const std::string copy(text);
  const char* end = strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S", &parts);
  const std::string_view zone = end == nullptr ? std::string_view() : trimmed(end);
  if (zone != "UTC" && zone != "GMT" && zone != "+0000")
    return fail(ErrorCode::invalid, "'" + copy + "' is not a date like Sat, 01 Mar 2025 12:00:00 UTC");
  return Timestamp{timegm(&parts)};
}

Result<std::vector<ReleaseFile>> read_release_files(std::string_view field) {
  std::vector<ReleaseFile> files;
  std::set<std::string> names;
  while (!field.empty()) {
    const std::size_t end = std::min(field.find('\n'), field.size());
    std::string_view line = field.substr(0, end);
    field.remove_prefix(std::min(end + 1, field.size()));
    if (trimmed(line).empty()) continue;
    ReleaseFile file;
    const auto digest = Sha256::parse_hex(next_word(line));
    const std::string_view size = next_word(line);
    const auto [last, error] = std::from_chars(size.data(), size.data() + size.size(), file.size_bytes);
    file.name = next_word(line);
    if (!digest || size.empty() || error != std::errc() || last != size.data() + size.size() || file.name.empty() ||
        !trimmed(line).empty())
      return fail(ErrorCode::invalid, "has a malformed line in its SHA256 field");
    if (!names.insert(file.name).second) return fail(ErrorCode::invalid, "lists " + file.name + " twice");
    file.sha256 = *digest;
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace packyard
