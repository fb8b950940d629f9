// OciImage: a staged image as it will be published: its manifests with their exact bytes, and its blobs as files of the unpacked
// archive. read_oci_image takes an OCI layout (oci-layout is there; also what Docker 25 and newer save) or, else, the older
// archive of `docker save` (manifest.json; also podman, skopeo, crane), and checks everything: digests and sizes of all it
// reaches, platforms, duplicates, diff_ids against the layers uncompressed. A layout keeps its digests and bytes; an archive
// without manifests gets one that depends on its content alone. What no manifest reaches is ignored. See oci_layout.h,
// docker_archive.h and oci_image_builder.h for the rules; oci_index.h puts images of single platforms together. Errors are
// ErrorCode::invalid with words for the vendor, or failures to read the scratch files. Plain values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/digest.h"
#include "core/result.h"
#include "promote/oci_descriptor.h"
#include "promote/unpacked_archive.h"

namespace packyard {

enum class OciRole {
  index,
  image,
  attestation,  // of BuildKit: provenance or SBOM of an image beside it in the index, platform unknown/unknown
};

struct OciManifest {
  OciDescriptor descriptor;  // media type, digest, size
  OciRole role = OciRole::image;
  OciPlatform platform;  // of images: from the configuration (a variant it leaves open: from the index); else empty
  std::string bytes;
  // As the referrers API wants them: artifact_type (else the configuration's media type) and annotations only with a subject.
  std::optional<Sha256> subject;
  std::string artifact_type;
  std::map<std::string, std::string> annotations;
};

struct OciBlob {
  std::filesystem::path file;
  std::uint64_t size_bytes = 0;
};

struct OciImage {
  OciDescriptor top;                   // what the tag will point at
  std::vector<OciManifest> manifests;  // each once; an index behind what it names, the top last
  std::map<Sha256, OciBlob> blobs;     // configurations, layers, attestations

  const OciManifest& top_manifest() const { return manifests.back(); }
};

// The archive's scratch files must stay until the blobs were taken from them.
Result<OciImage> read_oci_image(const UnpackedArchive& archive);

}  // namespace packyard
