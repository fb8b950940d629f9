// OciRepositoryReader: reads an image repository as pullers and the registry API do: repository.json, every manifest it names
// with its bytes, and that manifests, blobs and configurations fit together. Collects what is left to check: the blobs' bytes.
// What signs the images is image_signature_checker's. Findings go to the collector. One object per target, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/names.h"
#include "verify/blob_checker.h"
#include "verify/oci_manifest_reader.h"
#include "verify/published_tree.h"
#include "verify/repository_listing.h"

namespace packyard {

// What a tag stands for.
struct ListedImage {
  Sha256 top;
  std::set<std::string> architectures;
};

class OciRepositoryReader {
 public:
  OciRepositoryReader(const TargetId& target, const PublishedTree& tree, const Clock& clock, Findings& findings)
      : target_(target), tree_(tree), clock_(clock), findings_(findings) {}

  // `folder`: the generation's, ending in '/'. False when nothing could be read.
  bool read(const std::string& folder, std::uint64_t generation);

  const TargetId& target() const { return target_; }
  const RepositoryListing& document() const { return document_; }
  // Those whose bytes are as promised.
  const std::map<Sha256, ManifestDocument>& manifests() const { return manifests_; }
  // Listed in an index.
  bool is_child(const Sha256& digest) const { return children_.contains(digest); }
  // Held without tag, index or subject that would lead there: an image whose tag moved or was withdrawn.
  const std::set<Sha256>& untagged() const { return untagged_; }
  // A manifest and all that its index lists, first to last; only what is held.
  std::vector<Sha256> reachable(const Sha256& top) const;
  // What the manifest is for, "linux/arm64"; empty when nobody says.
  std::string platform_text(const Sha256& digest) const;
  // A small blob whose size and digest are as the descriptor says; otherwise nothing, after a finding.
  std::optional<std::string> small_blob(const ManifestDescriptor& descriptor, std::size_t limit_bytes);

  // By tag, without the signatures' tags.
  std::map<std::string, ListedImage> images() const;
  // Every pool file the repository holds, but for image records: what "objects" of contents.json must list.
  std::map<std::string, FileDigest> objects() const;
  std::vector<BlobTask> take_blobs();

 private:
  void check_document(const std::string& path, const std::string& repository, std::uint64_t generation);
  void check_tags(const std::string& path);
  void read_manifest(const Sha256& digest, const ListedManifest& entry);
  void check_entry(const std::string& path, const ListedManifest& entry, const ManifestDocument& manifest);
  void check_blob(const std::string& path, const ManifestDescriptor& descriptor);
  void check_held_manifest(const std::string& path, const ManifestDescriptor& descriptor, std::string_view role);
  void read_configuration(const Sha256& digest, const ManifestDocument& manifest);
  void promise_layers(const Sha256& digest, const ManifestDocument& manifest, const std::vector<Sha256>& diff_ids);
  void add_promise(const Sha256& layer, LayerPromise promise, bool is_new);
  void check_platforms(const Sha256& digest, const ManifestDocument& index);
  void find_untagged();

  const TargetId& target_;
  const PublishedTree& tree_;
  const Clock& clock_;
  Findings& findings_;
  RepositoryListing document_;
  std::map<Sha256, ManifestDocument> manifests_;
  std::set<Sha256> new_manifests_;        // in the candidate
  std::set<Sha256> signature_manifests_;  // at a signature tag
  std::set<Sha256> children_, untagged_;
  std::set<Sha256> named_blobs_, read_blobs_;
  std::map<Sha256, ManifestPlatform> platforms_;          // by the configuration
  std::map<Sha256, std::vector<LayerPromise>> promises_;  // by layer, each once
};

}  // namespace packyard
