// The documents of an image, read: index, image manifest, image configuration, oci-layout (OCI image-spec v1.1), Docker's schema
// 2 of the same, and manifest.json of `docker save`. Refused: schema version 1, documents that clients could take for another
// kind (an index with layers, CVE-2021-41190), fields in spellings that only some clients read, more than 1,000 manifests or
// layers. Outside bytes; errors are ErrorCode::invalid. Pure functions; plain values.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "core/result.h"
#include "promote/oci_descriptor.h"
#include "promote/oci_platform.h"

namespace packyard {

inline constexpr std::size_t oci_document_bytes_max = 4 << 20;  // registries and clients take no longer manifests
inline constexpr std::size_t oci_list_max = 1000;               // manifests of an index, layers of an image

struct OciIndexDocument {
  std::string media_type;  // as the document says it; often empty
  std::vector<OciDescriptor> manifests;
  std::optional<Sha256> subject;
  std::string artifact_type;
  std::map<std::string, std::string> annotations;
};

struct OciManifestDocument {
  std::string media_type;
  OciDescriptor config;
  std::vector<OciDescriptor> layers;
  std::optional<Sha256> subject;
  std::string artifact_type;
  std::map<std::string, std::string> annotations;
};

struct OciConfigDocument {
  OciPlatform platform;
  std::vector<Sha256> diff_ids;  // of the layers uncompressed, lowest first
};

// An image as manifest.json of `docker save` names it: members of the archive.
struct DockerSavedImage {
  std::string config;
  std::vector<std::string> layers;  // lowest first
};

Result<OciIndexDocument> parse_oci_index(std::string_view text);
Result<OciManifestDocument> parse_oci_manifest(std::string_view text);
Result<OciConfigDocument> parse_oci_config(std::string_view text);
Result<std::vector<DockerSavedImage>> parse_docker_manifest(std::string_view text);
// Fails unless it is layout version 1.0.0, the only one there is.
Result<void> check_oci_layout(std::string_view text);

}  // namespace packyard
