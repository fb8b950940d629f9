// Reads an archive of `docker save` before version 25 (also podman save, skopeo docker-archive, crane pull, Bazel, Nix):
// manifest.json with one image, its configuration and layers by member name, links followed. It has no manifest, so it gets one:
// an OCI image manifest over the configuration's bytes and the layers as stored (plain, gzip or zstd, by their first bytes), so
// that the same input has the same digest. See oci_image.h.
#pragma once

#include "core/result.h"
#include "promote/oci_image.h"
#include "promote/unpacked_archive.h"

namespace packyard {

Result<OciImage> read_docker_archive(const UnpackedArchive& archive);

}  // namespace packyard
