// OciPlatform: what an image runs on, as image configurations and index descriptors have it (OCI image-spec v1.1 image-index.md,
// config.md): os and architecture in Go's words ("linux", "amd64"), variant ("v7"), os_version (Windows). A plain value; ordered
// by os, architecture, variant, os_version.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

struct OciPlatform {
  std::string os;
  std::string architecture;
  std::string variant;     // empty when none is given
  std::string os_version;  // likewise

  auto operator<=>(const OciPlatform&) const = default;
  std::string text() const;  // "linux/arm/v7"
  bool is_unknown() const { return os == "unknown" && architecture == "unknown"; }
  // As clients compare: arm64 is arm64/v8, arm is arm/v7, amd64 is amd64/v1, x86_64 is amd64, aarch64 is arm64.
  OciPlatform normalised() const;
};

// os and architecture must be there; every part is short and of letters, digits, '.', '_' and '-'.
Result<void> check_platform(const OciPlatform& platform);
// Does what an index says of an image contradict the image's own configuration? What only one of them says contradicts nothing.
bool contradicts(const OciPlatform& said, const OciPlatform& own);

}  // namespace packyard
