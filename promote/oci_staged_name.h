// What a file staged for an image repository is, by its name alone: {tag}.tar (the whole image), {tag}_{architecture}.tar (one
// platform of it), {tag}.cdx.json or {tag}.spdx.json (its SBOM). Tags: OCI distribution specification 1.1, "Pulling manifests";
// architectures: Go's names and those of distributions. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace packyard {

enum class OciStagedKind { image, platform, cyclonedx, spdx };

struct OciStagedName {
  std::string tag;
  OciStagedKind kind = OciStagedKind::image;
  std::string architecture;  // as staged; kind platform only
};

// Nothing for names of another shape. A tag may hold '_': only what follows the last one and is an architecture is read as one.
std::optional<OciStagedName> parse_oci_staged_name(std::string_view file_name);

// The name Go, and with it every image, has for an architecture: "aarch64" is "arm64". Empty when it is none.
std::string_view image_architecture(std::string_view name);

}  // namespace packyard
