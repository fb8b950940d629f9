#include "promote/oci_platform.h"

#include <algorithm>

#include "core/log.h"

namespace packyard {
namespace {

constexpr std::size_t part_bytes_max = 64;

bool is_part(std::string_view text) {
  return text.size() <= part_bytes_max && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
         });
}

bool differ(std::string_view said, std::string_view own) { return !said.empty() && !own.empty() && said != own; }

}  // namespace

std::string OciPlatform::text() const {
  std::string text = os + "/" + architecture;
  if (!variant.empty()) text += "/" + variant;
  if (!os_version.empty()) text += " (version " + os_version + ")";
  return text;
}

OciPlatform OciPlatform::normalised() const {
  OciPlatform platform = *this;
  if (platform.architecture == "x86_64") platform.architecture = "amd64";
  if (platform.architecture == "aarch64") platform.architecture = "arm64";
  if (platform.architecture == "amd64" && variant == "v1") platform.variant.clear();
  if (platform.architecture == "arm64" && (variant == "v8" || variant == "8")) platform.variant.clear();
  if (platform.architecture == "arm" && (variant.empty() || variant == "7")) platform.variant = "v7";
  return platform;
}

Result<void> check_platform(const OciPlatform& platform) {
  for (const std::string* part : {&platform.os, &platform.architecture, &platform.variant, &platform.os_version})
    if (!is_part(*part))
      return fail(ErrorCode::invalid, "'" + escape_for_log(*part, part_bytes_max) + "' is no part of a platform");
  if (platform.os.empty() || platform.architecture.empty())
    return fail(ErrorCode::invalid, "the platform is missing (os and architecture)");
  return {};
}

bool contradicts(const OciPlatform& said, const OciPlatform& own) {
  const OciPlatform left = said.normalised(), right = own.normalised();
  return left.os != right.os || left.architecture != right.architecture ||
         (differ(said.variant, own.variant) && left.variant != right.variant) || differ(left.os_version, right.os_version);
}

}  // namespace packyard
