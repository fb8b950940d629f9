#include "core/tree_path.h"

#include <cstdio>

#include "core/check.h"

namespace packyard::tree_path {
namespace {

std::string numbered(std::uint64_t number) {
  std::string text = std::to_string(number);
  if (text.size() < 6) text.insert(0, 6 - text.size(), '0');
  return text;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string deb_folder(std::string_view source_name) {
  CHECK(!source_name.empty());
  const std::size_t length = source_name.starts_with("lib") && source_name.size() > 3 ? 4 : 1;
  return std::string(source_name.substr(0, length)) + "/" + std::string(source_name);
}

}  // namespace

std::string rpm_location(std::string_view file_name) {
  CHECK(!file_name.empty());
  return std::string("packages/") + lower(file_name.front()) + "/" + std::string(file_name);
}

std::string rpm_package(const TargetId& target, std::string_view file_name) {
  return "pool/" + target.text() + "/" + rpm_location(file_name);
}

std::string rpm_index(const TargetId& target, const Sha256& digest, std::string_view name) {
  return "index/" + target.text() + "/" + digest.hex() + "-" + std::string(name);
}

std::string deb_filename(const TargetId& target, std::string_view source_name, std::string_view file_name) {
  return "pool/" + target.target.text() + "/" + deb_folder(source_name) + "/" + std::string(file_name);
}

std::string deb_package(const TargetId& target, std::string_view source_name, std::string_view file_name) {
  return "pool/deb/" + target.component.text() + "/" + target.year.text() + "/" + deb_filename(target, source_name, file_name);
}

std::string deb_by_hash(const TargetId& target, const Sha256& digest) {
  return "index/" + target.text() + "/by-hash/SHA256/" + digest.hex();
}

std::string oci_repository(const TargetId& target) { return "pool/" + target.text(); }

std::string oci_blob(const TargetId& target, const Sha256& digest) {
  return oci_repository(target) + "/blobs/sha256/" + digest.hex();
}

std::string oci_manifest(const TargetId& target, const Sha256& digest) {
  return oci_repository(target) + "/manifests/sha256/" + digest.hex();
}

std::string oci_image_record(const TargetId& target, std::string_view tag, const Sha256& staged) {
  constexpr std::size_t digits = 16;  // enough to tell apart what was ever staged for one tag
  return oci_repository(target) + "/images/" + std::string(tag) + "-" + staged.hex().substr(0, digits) + ".json";
}

std::string generation(const TargetId& target, std::uint64_t number) {
  return "generations/" + target.text() + "/" + numbered(number);
}

std::string release(std::uint64_t number) { return "releases/" + numbered(number); }

std::string release_target(std::uint64_t release_number, const TargetId& target) {
  return release(release_number) + "/" + target.text();
}

std::string release_target_link(const TargetId& target, std::uint64_t generation_number) {
  return "../../../../../" + generation(target, generation_number);
}

std::string rpm_url(const TargetId& target, std::string_view rest) { return target.text() + "/" + std::string(rest); }

std::string deb_dists_url(const TargetId& target, std::string_view rest) {
  return "deb/" + target.component.text() + "/" + target.year.text() + "/dists/" + target.target.text() + "/" + std::string(rest);
}

}  // namespace packyard::tree_path
