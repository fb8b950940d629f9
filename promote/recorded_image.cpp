#include "promote/recorded_image.h"

#include "core/durable_file.h"
#include "core/tree_path.h"
#include "promote/image_seal.h"
#include "promote/oci_document.h"
#include "promote/oci_media_type.h"

namespace packyard {
namespace {

class Reading {
 public:
  Reading(const std::filesystem::path& published, const TargetId& target, const ImageRecord& record)
      : published_(published), target_(target), record_(record) {}

  Result<RecordedImage> run(Attached attached) {
    take(record_.top, image_.manifests);
    for (std::size_t i = 0; i < image_.manifests.size(); ++i) TRY(read_image_manifest(OciDescriptor(image_.manifests[i])));
    if (attached == Attached::left_out) return std::move(image_);
    for (const auto& [digest, manifest] : record_.manifests) {
      if (is_bundle(manifest) || image_.held.contains(digest)) continue;
      take(digest, image_.sboms);
      TRY(read_blobs(image_.sboms.back()));
    }
    return std::move(image_);
  }

 private:
  void take(const Sha256& digest, std::vector<OciDescriptor>& into) {
    const auto known = record_.manifests.find(digest);
    if (known == record_.manifests.end() || !image_.held.insert(*known).second) return;
    OciDescriptor descriptor;
    descriptor.media_type = known->second.media_type;
    descriptor.digest = digest;
    descriptor.size_bytes = known->second.size_bytes;
    into.push_back(std::move(descriptor));
  }

  Result<void> read_image_manifest(const OciDescriptor& descriptor) {
    if (!is_index_type(descriptor.media_type)) return read_blobs(descriptor);
    TRY_ASSIGN(const std::string bytes, read(descriptor));
    const auto index = parse_oci_index(bytes);
    if (!index) return damaged(descriptor, index.error().message);
    for (const OciDescriptor& child : index->manifests) take(child.digest, image_.manifests);
    return {};
  }

  Result<void> read_blobs(const OciDescriptor& descriptor) {
    TRY_ASSIGN(const std::string bytes, read(descriptor));
    const auto manifest = parse_oci_manifest(bytes);
    if (!manifest) return damaged(descriptor, manifest.error().message);
    take_blob(manifest->config);
    for (const OciDescriptor& layer : manifest->layers) take_blob(layer);
    return {};
  }

  void take_blob(const OciDescriptor& descriptor) {
    const auto known = record_.blobs.find(descriptor.digest);
    if (known != record_.blobs.end()) image_.blobs.insert(*known);
  }

  // Nothing is signed that is not what was published.
  Result<std::string> read(const OciDescriptor& descriptor) const {
    const auto file = published_ / tree_path::oci_manifest(target_, descriptor.digest);
    TRY_ASSIGN(auto bytes, read_small_file(file, oci_document_bytes_max));
    if (sha256(bytes) != descriptor.digest) return damaged(descriptor, "it has other bytes");
    return bytes;
  }

  std::unexpected<Error> damaged(const OciDescriptor& descriptor, const std::string& why) const {
    return fail(ErrorCode::corrupt, "reading the manifest " + descriptor.digest_text() + " of " + target_.text() + ":" +
                                        record_.tag + " in the pool: " + why + "; restore it from a backup");
  }

  const std::filesystem::path& published_;
  const TargetId& target_;
  const ImageRecord& record_;
  RecordedImage image_;
};

}  // namespace

Result<RecordedImage> read_recorded_image(const std::filesystem::path& published, const TargetId& target,
                                          const ImageRecord& record, Attached attached) {
  return Reading(published, target, record).run(attached);
}

}  // namespace packyard
