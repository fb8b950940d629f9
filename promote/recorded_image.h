// RecordedImage: a published image without its signatures, read back from a record and the manifests in the pool: what signing it
// anew starts from. A manifest that is not what the record says is ErrorCode::corrupt. A plain value.
#pragma once

#include <filesystem>
#include <map>
#include <vector>

#include "core/names.h"
#include "promote/image_record.h"
#include "promote/oci_descriptor.h"

namespace packyard {

struct RecordedImage {
  std::vector<OciDescriptor> manifests;  // the top first, then all that its indexes list
  std::vector<OciDescriptor> sboms;      // manifests of what is attached to it
  std::map<Sha256, RecordedManifest> held;
  std::map<Sha256, std::uint64_t> blobs;  // that these manifests name
};

enum class Attached { kept, left_out };

// `published`: public/.
Result<RecordedImage> read_recorded_image(const std::filesystem::path& published, const TargetId& target,
                                          const ImageRecord& record, Attached attached);

}  // namespace packyard
