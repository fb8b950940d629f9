#include "verify/tree_grammar.h"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace packyard::tree_grammar {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_sound_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("._-+~^:=@,!()").find(c) != std::string_view::npos;
}
bool is_hex_digest(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// packages/a/acme-1.0-1.el9.x86_64.rpm
bool is_rpm_location(std::string_view location) {
  const auto parts = segments(location);
  return parts.size() == 3 && parts[0] == "packages" && parts[1].size() == 1 && parts[2].size() > 4 &&
         parts[2].ends_with(".rpm") && parts[1][0] == lower(parts[2][0]);
}

// pool/bookworm/a/acme/acme_1.0_amd64.deb; the folder is the source's first letter, or four for sources that start with lib
bool is_deb_location(const TargetId& target, std::string_view location) {
  const auto parts = segments(location);
  if (parts.size() != 5 || parts[0] != "pool" || parts[1] != target.target.text() || parts[3].empty()) return false;
  const std::string_view letters =
      parts[3].starts_with("lib") && parts[3].size() > 3 ? parts[3].substr(0, 4) : parts[3].substr(0, 1);
  return parts[2] == letters && parts[4].size() > 4 && parts[4].ends_with(".deb");
}

// Where the locations of a target's packages begin.
std::string package_root(const TargetId& target) {
  if (target.format == Format::deb) return "pool/deb/" + target.component.text() + "/" + target.year.text() + "/";
  return "pool/" + target.text() + "/";
}

constexpr std::string_view generated_tag = "sha256-";  // and a digest's digits
constexpr std::size_t digest_digits = 64;

std::string held_path(const TargetId& target, std::string_view kind, const Sha256& digest) {
  return package_root(target) + std::string(kind) + "/sha256/" + digest.hex();
}

}  // namespace

bool is_sound(std::string_view path) {
  if (path.empty() || path.size() > 4096) return false;
  for (const std::string_view part : segments(path)) {
    if (part.empty() || part == "." || part == ".." || part.size() > 255) return false;
    if (!std::ranges::all_of(part, is_sound_character)) return false;
  }
  return true;
}

std::optional<std::uint64_t> parse_number(std::string_view digits) {
  if (digits.size() < 6 || digits.size() > 18 || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
  if (digits.size() > 6 && digits[0] == '0') return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : digits) number = number * 10 + static_cast<std::uint64_t>(c - '0');
  if (number == 0) return std::nullopt;
  return number;
}

std::string number_text(std::uint64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%06llu", static_cast<unsigned long long>(number));
  return text;
}

std::optional<std::uint64_t> parse_release(std::string_view path) {
  constexpr std::string_view folder = "releases/";
  return path.starts_with(folder) ? parse_number(path.substr(folder.size())) : std::nullopt;
}

std::string release_folder(std::uint64_t number) { return "releases/" + number_text(number); }

std::string generation_folder(const TargetId& target, std::uint64_t generation) {
  return "generations/" + target.text() + "/" + number_text(generation) + "/";
}

std::string target_link(const TargetId& target, std::uint64_t generation) {
  return "../../../../../generations/" + target.text() + "/" + number_text(generation);
}

bool is_package(const TargetId& target, std::string_view path) {
  const std::string root = package_root(target);
  if (!is_sound(path) || !path.starts_with(root)) return false;
  const std::string_view location = path.substr(root.size());
  switch (target.format) {
    case Format::rpm: return is_rpm_location(location);
    case Format::deb: return is_deb_location(target, location);
    case Format::oci: return record_tag(target, path).has_value();
  }
  return false;
}

std::optional<std::string_view> index_digest(const TargetId& target, std::string_view path) {
  if (target.format == Format::oci) return std::nullopt;
  const std::string root = "index/" + target.text() + (target.format == Format::deb ? "/by-hash/SHA256/" : "/");
  if (!is_sound(path) || !path.starts_with(root)) return std::nullopt;
  const std::string_view name = path.substr(root.size());
  if (target.format == Format::deb) return is_hex_digest(name) ? std::optional(name) : std::nullopt;
  const bool fits =
      name.size() > 65 && is_hex_digest(name.substr(0, 64)) && name[64] == '-' && name.find('/') == std::string_view::npos;
  return fits ? std::optional(name.substr(0, 64)) : std::nullopt;
}

std::string package_path(const TargetId& target, std::string_view location) {
  return package_root(target) + std::string(location);
}

std::string repodata_path(const TargetId& target, std::string_view href) {
  constexpr std::string_view folder = "repodata/";
  if (!href.starts_with(folder)) return "";
  std::string path = "index/" + target.text() + "/" + std::string(href.substr(folder.size()));
  return index_digest(target, path) ? path : "";
}

std::string by_hash_path(const TargetId& target, std::string_view digest) {
  return "index/" + target.text() + "/by-hash/SHA256/" + std::string(digest);
}

bool is_tag(std::string_view text) {
  const auto is_word = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && text.size() <= 128 && is_word(text[0]) &&
         std::ranges::all_of(text, [&](char c) { return is_word(c) || c == '.' || c == '-'; });
}

bool is_generated_tag(std::string_view tag) {
  return tag.starts_with(generated_tag) && is_hex_digest(tag.substr(generated_tag.size()).substr(0, digest_digits));
}

std::optional<Sha256> signed_digest(std::string_view tag) {
  constexpr std::size_t ending = generated_tag.size() + digest_digits;
  if (!is_generated_tag(tag) || tag.substr(ending) != ".sig") return std::nullopt;
  return Sha256::parse_hex(tag.substr(generated_tag.size(), digest_digits)).value();
}

std::string signature_tag(const Sha256& digest) { return std::string(generated_tag) + digest.hex() + ".sig"; }

std::optional<std::string_view> record_tag(const TargetId& target, std::string_view path) {
  const std::string root = package_root(target) + "images/";
  constexpr std::string_view ending = ".json";
  constexpr std::size_t unit_digits = 16;
  if (target.format != Format::oci || !path.starts_with(root) || !path.ends_with(ending)) return std::nullopt;
  const std::string_view name = path.substr(root.size(), path.size() - root.size() - ending.size());
  if (name.size() < unit_digits + 2) return std::nullopt;
  const std::string_view tag = name.substr(0, name.size() - unit_digits - 1), unit = name.substr(tag.size() + 1);
  const bool fits = is_tag(tag) && !is_generated_tag(tag) && name[tag.size()] == '-' &&
                    std::ranges::all_of(unit, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
  return fits ? std::optional(tag) : std::nullopt;
}

std::string manifest_path(const TargetId& target, const Sha256& digest) { return held_path(target, "manifests", digest); }
std::string blob_path(const TargetId& target, const Sha256& digest) { return held_path(target, "blobs", digest); }

std::optional<Sha256> object_digest(const TargetId& target, std::string_view path) {
  if (target.format != Format::oci) return std::nullopt;
  for (const char* kind : {"manifests", "blobs"}) {
    const std::string root = package_root(target) + kind + "/sha256/";
    if (path.starts_with(root) && is_hex_digest(path.substr(root.size())))
      return Sha256::parse_hex(path.substr(root.size())).value();
  }
  return std::nullopt;
}

}  // namespace packyard::tree_grammar
