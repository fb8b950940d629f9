// OciImageBuilder: walks from a descriptor over everything it reaches, checks it and collects it into an OciImage.
// Refused: blobs that are missing or differ from their descriptor; manifests above 4 MiB, 32 MiB of them together, indexes in
// indexes deeper than three; media types that contradict; what is no image (Helm charts, schema version 1, foreign, encrypted or
// unknown layers, layers with urls); a platform that contradicts the index, or two images of one platform, where clients would
// take the first; diff_ids that do not fit the layers.
// BuildKit's attestations (platform unknown/unknown, annotation vnd.docker.reference.type) are kept as they are; one may be named
// several times, for several images. Docker's schema 2 is kept as it is. Errors are ErrorCode::invalid. Made for one thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "promote/diff_id_check.h"
#include "promote/oci_document.h"
#include "promote/oci_image.h"

namespace packyard {

// Where the archive keeps what should have this digest; nullptr when nowhere.
using OciBlobFinder = std::function<const UnpackedMember*(const Sha256& digest)>;

class OciImageBuilder {
 public:
  explicit OciImageBuilder(OciBlobFinder find) : find_(std::move(find)) {}

  // An index or manifest that the archive holds.
  Result<void> add(const OciDescriptor& descriptor) { return add(descriptor, 1); }
  // An image manifest that it does not hold.
  Result<void> add_image(const OciDescriptor& descriptor, std::string bytes);
  // Call once, after what was added last: that is the top.
  Result<OciImage> finish();

 private:
  Result<void> add(const OciDescriptor& descriptor, int depth);
  Result<void> add_index(const OciDescriptor& descriptor, std::string bytes, int depth);
  Result<void> add_attestation(const OciDescriptor& descriptor, std::string bytes);
  Result<std::string> document(const OciDescriptor& descriptor);
  Result<const UnpackedMember*> take(const OciDescriptor& descriptor);
  Result<void> take_blob(const OciDescriptor& descriptor);
  Result<OciConfigDocument> take_config(const OciDescriptor& descriptor);
  Result<void> take_layers(const OciManifestDocument& manifest, const OciConfigDocument& config);
  Result<void> check_listed_platforms(const OciIndexDocument& document) const;
  Result<void> claim_platform(const OciPlatform& platform, const OciDescriptor& descriptor);

  OciBlobFinder find_;
  OciImage image_;
  std::vector<LayerToCheck> layers_;
  std::map<Sha256, OciRole> known_;            // of image_.manifests
  std::map<OciPlatform, Sha256> by_platform_;  // normalised
  std::uint64_t document_bytes_ = 0;
};

}  // namespace packyard
