// The OCI documents that the press itself writes, to the byte: cosign's signature manifest with its configuration, referrers (a
// bundle, an SBOM), and repository.json of a generation (ARCHITECTURE.md "Images"). OCI image specification 1.1; facts on
// cosign's forms: the `.sig` tag's manifest has one layer per signature. Pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/names.h"
#include "promote/image_record.h"

namespace packyard {

// Of SBOMs: layer and artifactType.
inline constexpr std::string_view cyclonedx_type = "application/vnd.cyclonedx+json";
inline constexpr std::string_view spdx_type = "application/spdx+json";

// The configuration of manifests that have none: the blob `{}`.
inline constexpr std::string_view empty_config = "{}";

struct SignatureManifest {
  std::string config;    // its blob
  std::string manifest;  // names the config and the payloads
};
// All of one digest, in the order they were published.
SignatureManifest signature_manifest(const std::vector<SignedPayload>& signatures);
// "sha256-<hex>.sig"
std::string signature_tag(const Sha256& digest);

struct OciReference {
  std::string_view media_type;
  Sha256 digest;
  std::uint64_t size_bytes = 0;
};
// A manifest that points at what it speaks of: artifactType and layer have the same media type.
std::string referrer_manifest(const OciReference& layer, const OciReference& subject,
                              const std::map<std::string, std::string>& annotations);

struct RepositoryContent {
  std::map<std::string, Sha256> tags;
  std::map<Sha256, RecordedManifest> manifests;
  std::map<Sha256, std::uint64_t> blobs;
};
std::string repository_json(const TargetId& target, std::uint64_t generation, Timestamp published_at,
                            const RepositoryContent& content);

}  // namespace packyard
