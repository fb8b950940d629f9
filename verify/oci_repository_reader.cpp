#include "verify/oci_repository_reader.h"

#include <algorithm>

#include "verify/image_config_reader.h"
#include "verify/tree_grammar.h"

namespace packyard {
namespace {

// Of what is named in a manifest, for findings.
std::string shown(const Sha256& digest) { return digest_with_algorithm(digest); }

bool agree(const ManifestPlatform& one, const ManifestPlatform& other) {
  const ManifestPlatform left = one.normal(), right = other.normal();
  return left.os == right.os && left.architecture == right.architecture &&
         (left.variant == right.variant || one.variant.empty() || other.variant.empty());
}

}  // namespace

bool OciRepositoryReader::read(const std::string& folder, std::uint64_t generation) {
  const std::string path = folder + "repository.json";
  const auto text = tree_.read(path, repository_bytes_max);
  if (!findings_.accept(path, text)) return false;
  auto document = read_repository_listing(*text);
  if (!findings_.accept(path, document)) return false;
  document_ = std::move(*document);
  const std::string repository = target_.component.text() + "/" + target_.year.text() + "/" + target_.target.text();
  check_document(path, repository, generation);
  check_tags(path);
  for (const auto& [digest, entry] : document_.manifests) read_manifest(digest, entry);
  for (const auto& [digest, manifest] : manifests_) {
    const std::string name = tree_grammar::manifest_path(target_, digest);
    if (manifest.config) check_blob(name, *manifest.config);
    for (const auto& layer : manifest.layers) check_blob(name, layer);
    for (const auto& child : manifest.children) {
      children_.insert(child.digest);
      check_held_manifest(name, child, "lists");
    }
    if (manifest.subject && document_.manifests.contains(manifest.subject->digest))
      check_held_manifest(name, *manifest.subject, "is about");
    if (manifest.kind == ManifestKind::image && !signature_manifests_.contains(digest)) read_configuration(digest, manifest);
  }
  for (const auto& [digest, manifest] : manifests_) check_platforms(digest, manifest);
  for (const auto& [digest, size] : document_.blobs)
    if (!named_blobs_.contains(digest))
      findings_.add(tree_grammar::blob_path(target_, digest), "is held, but no manifest of the repository names it");
  find_untagged();
  return true;
}

void OciRepositoryReader::check_document(const std::string& path, const std::string& repository, std::uint64_t generation) {
  if (document_.repository != repository)
    findings_.add(path, "is of repository " + document_.repository + ", expected " + repository);
  if (document_.generation != generation)
    findings_.add(path, "is of generation " + std::to_string(document_.generation) + ", expected " + std::to_string(generation));
  if (document_.published_at > clock_.now())
    findings_.add(path, "was published in the future, " + document_.published_at.rfc3339());
}

void OciRepositoryReader::check_tags(const std::string& path) {
  for (const auto& [tag, digest] : document_.tags) {
    if (!document_.manifests.contains(digest))
      findings_.add(path, "tag " + tag + " points to " + shown(digest) + ", which is not held");
    if (!tree_grammar::is_generated_tag(tag)) continue;
    const auto subject = tree_grammar::signed_digest(tag);
    if (!subject) {
      findings_.add(path, "tag " + tag + " is a generated one, but not that of signatures");
      continue;
    }
    signature_manifests_.insert(digest);
    if (!document_.manifests.contains(*subject)) findings_.add(path, "tag " + tag + " signs a manifest that is not held");
  }
}

void OciRepositoryReader::read_manifest(const Sha256& digest, const ListedManifest& entry) {
  const std::string path = tree_grammar::manifest_path(target_, digest);
  const auto file = tree_.find(path);
  if (!findings_.accept(path, file)) return;
  if (file->size_bytes != entry.size_bytes)
    return findings_.add(
        path, "has " + std::to_string(file->size_bytes) + " bytes, repository.json says " + std::to_string(entry.size_bytes));
  const auto bytes = tree_.read(path, manifest_bytes_max);
  if (!findings_.accept(path, bytes)) return;
  if (const Sha256 actual = sha256(*bytes); actual != digest) return findings_.add(path, "has SHA-256 " + actual.hex());
  auto manifest = read_manifest_document(*bytes);
  if (!findings_.accept(path, manifest)) return;
  check_entry(path, entry, *manifest);
  if (file->in_candidate) new_manifests_.insert(digest);
  manifests_.emplace(digest, std::move(*manifest));
}

// repository.json is what the registry API says of a manifest; the manifest itself is what a client sees.
void OciRepositoryReader::check_entry(const std::string& path, const ListedManifest& entry,
                                      const ManifestDocument& manifest) {
  const bool is_oci = entry.media_type.starts_with("application/vnd.oci.");
  if (manifest_kind(entry.media_type) != manifest.kind ||
      (manifest.media_type.empty() ? !is_oci : manifest.media_type != entry.media_type))
    findings_.add(path, "has the media type " + entry.media_type + " in repository.json, but is " +
                            (manifest.media_type.empty() ? "an OCI manifest of another kind" : manifest.media_type));
  if (!manifest.subject) {
    if (entry.subject) findings_.add(path, "has a subject in repository.json, but none itself");
    if (!entry.artifact_type.empty() && entry.artifact_type != manifest.artifact_type)
      findings_.add(
          path, "has the artifact type " + entry.artifact_type + " in repository.json, itself '" + manifest.artifact_type + "'");
    if (!entry.annotations.empty()) findings_.add(path, "has annotations in repository.json, but no subject");
    return;
  }
  if (entry.subject != manifest.subject->digest)
    findings_.add(path, "is about " + shown(manifest.subject->digest) + ", repository.json says " +
                            (entry.subject ? shown(*entry.subject) : "nothing"));
  const std::string by_config = manifest.config ? manifest.config->media_type : "";
  const std::string& type = manifest.artifact_type.empty() ? by_config : manifest.artifact_type;
  if (entry.artifact_type != type)
    findings_.add(path, "has the artifact type '" + entry.artifact_type + "' in repository.json, itself '" + type + "'");
  if (entry.annotations != manifest.annotations) findings_.add(path, "has other annotations in repository.json than itself");
}

void OciRepositoryReader::check_blob(const std::string& path, const ManifestDescriptor& descriptor) {
  named_blobs_.insert(descriptor.digest);
  const auto held = document_.blobs.find(descriptor.digest);
  if (held == document_.blobs.end())
    findings_.add(path, "names the blob " + shown(descriptor.digest) + ", which the repository does not hold");
  else if (held->second != descriptor.size_bytes)
    findings_.add(path, "says that the blob " + shown(descriptor.digest) + " has " + std::to_string(descriptor.size_bytes) +
                            " bytes, repository.json says " + std::to_string(held->second));
}

void OciRepositoryReader::check_held_manifest(const std::string& path, const ManifestDescriptor& descriptor,
                                              std::string_view role) {
  const std::string other = std::string(role) + " " + shown(descriptor.digest);
  const auto held = document_.manifests.find(descriptor.digest);
  if (held == document_.manifests.end()) return findings_.add(path, other + ", which the repository does not hold");
  if (held->second.size_bytes != descriptor.size_bytes)
    findings_.add(path, other + " with " + std::to_string(descriptor.size_bytes) + " bytes, it has " +
                            std::to_string(held->second.size_bytes));
  if (held->second.media_type != descriptor.media_type)
    findings_.add(path, other + " as " + descriptor.media_type + ", it is " + held->second.media_type);
}

std::optional<std::string> OciRepositoryReader::small_blob(const ManifestDescriptor& descriptor, std::size_t limit_bytes) {
  const std::string path = tree_grammar::blob_path(target_, descriptor.digest);
  auto bytes = tree_.read(path, limit_bytes);
  const bool is_first = read_blobs_.insert(descriptor.digest).second;  // one finding per blob
  if (!bytes) {
    if (is_first) findings_.add(path, bytes.error().message);
    return std::nullopt;
  }
  if (sha256(*bytes) == descriptor.digest && bytes->size() == descriptor.size_bytes) return std::move(*bytes);
  if (is_first)
    findings_.add(path, "has " + std::to_string(bytes->size()) + " bytes and SHA-256 " + sha256(*bytes).hex() + ", " +
                            std::to_string(descriptor.size_bytes) + " bytes and " + descriptor.digest.hex() + " are promised");
  return std::nullopt;
}

void OciRepositoryReader::read_configuration(const Sha256& digest, const ManifestDocument& manifest) {
  if (!is_image_config(manifest.config->media_type)) return;
  const auto bytes = small_blob(*manifest.config, image_config_bytes_max);
  if (!bytes) return;
  const auto config = read_image_config(*bytes);
  if (!findings_.accept(tree_grammar::blob_path(target_, manifest.config->digest), config)) return;
  if (!config->platform.os.empty() && !config->platform.architecture.empty()) platforms_.emplace(digest, config->platform);
  promise_layers(digest, manifest, config->diff_ids);
}

void OciRepositoryReader::promise_layers(const Sha256& digest, const ManifestDocument& manifest,
                                         const std::vector<Sha256>& diff_ids) {
  const std::string path = tree_grammar::manifest_path(target_, digest);
  const bool has_layers =
      std::ranges::any_of(manifest.layers, [](const auto& layer) { return layer_packing(layer.media_type).has_value(); });
  if (!has_layers) return;
  if (diff_ids.size() != manifest.layers.size())
    return findings_.add(path, "has " + std::to_string(manifest.layers.size()) + " layers, its configuration speaks of " +
                                   std::to_string(diff_ids.size()));
  for (std::size_t i = 0; i < diff_ids.size(); ++i) {
    const ManifestDescriptor& layer = manifest.layers[i];
    const auto packing = layer_packing(layer.media_type);
    if (!packing) continue;
    if (*packing != Packing::none)
      add_promise(layer.digest, {*packing, diff_ids[i], path}, new_manifests_.contains(digest));
    else if (diff_ids[i] != layer.digest)
      findings_.add(path, "has the unpacked layer " + shown(layer.digest) + ", its configuration says " + shown(diff_ids[i]));
  }
}

// Layers are shared: what a published manifest says of one was checked when that was new.
void OciRepositoryReader::add_promise(const Sha256& layer, LayerPromise promise, bool is_new) {
  auto& promises = promises_[layer];
  const auto known = std::ranges::find_if(
      promises, [&](const LayerPromise& other) { return other.packing == promise.packing && other.diff_id == promise.diff_id; });
  if (known == promises.end()) {
    promise.is_new = is_new;
    promises.push_back(std::move(promise));
  } else {
    known->is_new = known->is_new && is_new;
  }
}

// A client takes the first that fits its platform, so there must be one only.
void OciRepositoryReader::check_platforms(const Sha256& digest, const ManifestDocument& index) {
  const std::string path = tree_grammar::manifest_path(target_, digest);
  std::set<ManifestPlatform> seen;
  for (const ManifestDescriptor& child : index.children) {
    const auto configured = platforms_.find(child.digest);
    if (child.platform && configured != platforms_.end() && !agree(*child.platform, configured->second))
      findings_.add(path, "lists " + shown(child.digest) + " for " + child.platform->text() + ", its configuration says " +
                              configured->second.text());
    if (!child.platform && configured == platforms_.end()) continue;
    const ManifestPlatform platform = child.platform ? *child.platform : configured->second;
    if (!platform.is_unknown() && !seen.insert(platform.normal()).second)
      findings_.add(path, "lists two manifests for " + platform.text());
  }
}

void OciRepositoryReader::find_untagged() {
  std::set<Sha256> tagged;
  for (const auto& [tag, digest] : document_.tags) tagged.insert(digest);
  for (const auto& [digest, manifest] : manifests_)
    if (!tagged.contains(digest) && !children_.contains(digest) && !manifest.subject) untagged_.insert(digest);
}

std::vector<Sha256> OciRepositoryReader::reachable(const Sha256& top) const {
  std::vector<Sha256> found = {top};
  std::set<Sha256> seen = {top};
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto manifest = manifests_.find(found[i]);
    if (manifest == manifests_.end()) continue;
    for (const auto& child : manifest->second.children)
      if (manifests_.contains(child.digest) && seen.insert(child.digest).second) found.push_back(child.digest);
  }
  return found;
}

std::string OciRepositoryReader::platform_text(const Sha256& digest) const {
  const auto found = platforms_.find(digest);
  return found == platforms_.end() ? "" : found->second.text();
}

std::map<std::string, ListedImage> OciRepositoryReader::images() const {
  std::map<std::string, ListedImage> listed;
  for (const auto& [tag, top] : document_.tags) {
    if (tree_grammar::is_generated_tag(tag)) continue;
    ListedImage image{top, {}};
    for (const Sha256& digest : reachable(top)) {
      const auto platform = platforms_.find(digest);
      if (platform != platforms_.end() && !platform->second.is_unknown())
        image.architectures.insert(platform->second.architecture);
    }
    listed.emplace(tag, std::move(image));
  }
  return listed;
}

std::map<std::string, FileDigest> OciRepositoryReader::objects() const {
  std::map<std::string, FileDigest> files;
  for (const auto& [digest, entry] : document_.manifests)
    files.emplace(tree_grammar::manifest_path(target_, digest), FileDigest{digest, entry.size_bytes});
  for (const auto& [digest, size] : document_.blobs)
    files.emplace(tree_grammar::blob_path(target_, digest), FileDigest{digest, size});
  return files;
}

std::vector<BlobTask> OciRepositoryReader::take_blobs() {
  std::vector<BlobTask> tasks;
  for (const auto& [digest, size] : document_.blobs)
    if (!read_blobs_.contains(digest))
      tasks.push_back({tree_grammar::blob_path(target_, digest), {digest, size}, std::move(promises_[digest])});
  return tasks;
}

}  // namespace packyard
