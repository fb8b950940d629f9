// Reads an OCI image layout (OCI image-spec v1.1 image-layout.md): oci-layout, index.json, blobs/sha256/<hex>; what buildx,
// skopeo, crane, podman (oci-archive), and docker save since version 25 write. index.json must name one image or one index, under
// however many names (annotations like ref.name say nothing here), and perhaps what that index names itself, as oras writes it.
// Digests and bytes are kept. See oci_image.h.
#pragma once

#include "core/result.h"
#include "promote/oci_image.h"
#include "promote/unpacked_archive.h"

namespace packyard {

Result<OciImage> read_oci_layout(const UnpackedArchive& archive);

}  // namespace packyard
