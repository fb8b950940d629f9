#include "promote/oci_image.h"

#include <algorithm>

#include "core/log.h"
#include "promote/docker_archive.h"
#include "promote/oci_layout.h"

namespace packyard {

Result<OciImage> read_oci_image(const UnpackedArchive& archive) {
  // Docker 25 and newer save both forms at once; only the layout has digests to keep.
  if (archive.find("oci-layout") != nullptr) return read_oci_layout(archive);
  if (archive.find("manifest.json") != nullptr) return read_docker_archive(archive);
  const auto inside = std::ranges::find_if(archive.members, [](const auto& member) {
    return member.first.ends_with("/oci-layout") || member.first.ends_with("/manifest.json");
  });
  if (inside != archive.members.end())
    return fail(ErrorCode::invalid, "the image lies in a folder of the archive ('" + escape_for_log(inside->first) +
                                        "'); pack the folder's content: tar -C FOLDER -cf {tag}.tar .");
  return fail(ErrorCode::invalid,
              "it is no image: neither an OCI layout (oci-layout) nor an archive of docker save "
              "(manifest.json); use docker save, not docker export");
}

}  // namespace packyard
