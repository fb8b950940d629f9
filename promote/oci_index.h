// Puts images of single platforms, staged as {tag}_{arch}.tar, together into one OCI index. The same parts give the same bytes:
// one descriptor per image in the order of os, architecture, variant, with its platform, then the attestations in the order of
// their images. A part that is an index gives its images and attestations; its own bytes are left behind. One part alone becomes
// an index, too, so that another platform later changes no kind. Two images of one platform are ErrorCode::invalid. Pure.
#pragma once

#include <string>
#include <vector>

#include "promote/oci_image.h"

namespace packyard {

struct OciPart {
  std::string name;  // the staged file, for errors
  OciImage image;
};

// At least one part.
Result<OciImage> assemble_index(std::vector<OciPart> parts);

}  // namespace packyard
