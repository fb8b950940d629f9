#include "promote/oci_index.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/check.h"
#include "promote/oci_document.h"
#include "promote/oci_media_type.h"

namespace packyard {
namespace {

struct Entry {
  OciDescriptor descriptor;
  OciPlatform platform;
};

// What parts have, in the order of the new index, and everything they bring with them.
class IndexAssembly {
 public:
  Result<void> take(OciPart part) {
    for (OciManifest& manifest : part.image.manifests) {
      if (manifest.role == OciRole::image) TRY(take_image(part.name, manifest));
      // Names of its attestations' images stand in an index alone.
      if (manifest.role == OciRole::index) TRY(take_attestation_entries(manifest));
      if (manifest.role != OciRole::index && known_.insert(manifest.descriptor.digest).second)
        made_.manifests.push_back(std::move(manifest));
    }
    made_.blobs.merge(part.image.blobs);
    return {};
  }

  Result<OciImage> finish() {
    std::ranges::sort(images_, {}, &Entry::platform);
    std::map<std::string, std::size_t> order;
    for (std::size_t i = 0; i < images_.size(); ++i) order.emplace(images_[i].descriptor.digest_text(), i);
    std::ranges::stable_sort(attestations_, {}, [&](const OciDescriptor& attestation) {
      const auto subject = attestation.annotations.find("vnd.docker.reference.digest");
      const auto found = subject != attestation.annotations.end() ? order.find(subject->second) : order.end();
      return std::pair(found != order.end() ? found->second : order.size(), attestation.digest_text());
    });
    OciManifest index;
    index.role = OciRole::index;
    index.bytes = text();
    if (index.bytes.size() > oci_document_bytes_max)
      return fail(ErrorCode::invalid, "the index of all platforms would be longer than the 4 MiB that clients read");
    index.descriptor.media_type = oci_index_type;
    index.descriptor.digest = sha256(index.bytes);
    index.descriptor.size_bytes = index.bytes.size();
    made_.top = index.descriptor;
    made_.manifests.push_back(std::move(index));
    return std::move(made_);
  }

 private:
  Result<void> take_image(const std::string& part, const OciManifest& manifest) {
    const auto [known, is_new] = by_platform_.emplace(manifest.platform.normalised(), part);
    if (!is_new)
      return fail(ErrorCode::invalid, known->second + " and " + part + " both hold an image for " + manifest.platform.text() +
                                          "; stage one file per platform");
    Entry entry{manifest.descriptor, manifest.platform};
    entry.descriptor.platform = manifest.platform;
    images_.push_back(std::move(entry));
    return {};
  }

  Result<void> take_attestation_entries(const OciManifest& index) {
    TRY_ASSIGN(const OciIndexDocument document, parse_oci_index(index.bytes));
    for (const OciDescriptor& child : document.manifests)
      if (is_manifest_type(child.media_type) && child.platform && child.platform->is_unknown()) attestations_.push_back(child);
    return {};
  }

  std::string text() const {
    std::string text = "{\"schemaVersion\":2,\"mediaType\":\"" + std::string(oci_index_type) + "\",\"manifests\":[";
    bool is_first = true;
    const auto add = [&](const OciDescriptor& descriptor) {
      if (!std::exchange(is_first, false)) text += ",";
      text += descriptor_json(descriptor);
    };
    for (const Entry& image : images_) add(image.descriptor);
    for (const OciDescriptor& attestation : attestations_) add(attestation);
    return text + "]}";
  }

  OciImage made_;
  std::vector<Entry> images_;
  std::vector<OciDescriptor> attestations_;
  std::set<Sha256> known_;
  std::map<OciPlatform, std::string> by_platform_;  // normalised; the part that has it
};

}  // namespace

Result<OciImage> assemble_index(std::vector<OciPart> parts) {
  CHECK(!parts.empty());
  IndexAssembly assembly;
  for (OciPart& part : parts) TRY(assembly.take(std::move(part)));
  return assembly.finish();
}

}  // namespace packyard
