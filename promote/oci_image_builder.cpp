#include "promote/oci_image_builder.h"

#include <algorithm>

#include "core/durable_file.h"
#include "core/log.h"
#include "promote/oci_media_type.h"

namespace packyard {
namespace {

constexpr int indexes_deep_max = 3;
constexpr std::uint64_t documents_bytes_max = 32 << 20;
constexpr std::string_view attestation_artifact = "application/vnd.docker.attestation.manifest.v1+json";

bool is_attestation(const OciDescriptor& descriptor) {
  const auto type = descriptor.annotations.find("vnd.docker.reference.type");
  return descriptor.platform && descriptor.platform->is_unknown() && type != descriptor.annotations.end() &&
         type->second == "attestation-manifest";
}

std::string shown(std::string_view text) { return "'" + escape_for_log(text) + "'"; }

Result<void> check_media_type(std::string_view said, const OciDescriptor& descriptor) {
  if (said.empty() || said == descriptor.media_type) return {};
  return fail(ErrorCode::invalid, "it calls itself " + shown(said) + ", what points at it says " + shown(descriptor.media_type));
}

Result<void> check_no_urls(const OciDescriptor& descriptor) {
  if (!descriptor.has_urls) return {};
  return fail(ErrorCode::invalid,
              "layer " + descriptor.digest_text() + " has urls: clients would fetch it elsewhere; build the image without");
}

template <class Document>
OciManifest as_manifest(const OciDescriptor& descriptor, OciRole role, std::string bytes, const Document& document) {
  OciManifest manifest;
  manifest.descriptor.media_type = descriptor.media_type;
  manifest.descriptor.digest = descriptor.digest;
  manifest.descriptor.size_bytes = descriptor.size_bytes;
  manifest.role = role;
  manifest.bytes = std::move(bytes);
  manifest.subject = document.subject;
  if (!document.subject) return manifest;
  manifest.artifact_type = document.artifact_type;
  manifest.annotations = document.annotations;
  return manifest;
}

}  // namespace

Result<const UnpackedMember*> OciImageBuilder::take(const OciDescriptor& descriptor) {
  const UnpackedMember* const member = find_(descriptor.digest);
  const std::string name = descriptor.digest_text() + " (" + escape_for_log(descriptor.media_type) + ")";
  if (member == nullptr) return fail(ErrorCode::invalid, "the archive does not hold " + name);
  if (member->sha256 != descriptor.digest)
    return fail(ErrorCode::invalid, "what the archive holds as " + name + " has the digest " + oci_digest(member->sha256));
  if (member->size_bytes != descriptor.size_bytes)
    return fail(ErrorCode::invalid, name + " is " + std::to_string(member->size_bytes) + " bytes long, what points at it says " +
                                        std::to_string(descriptor.size_bytes));
  return member;
}

Result<std::string> OciImageBuilder::document(const OciDescriptor& descriptor) {
  TRY_ASSIGN(const UnpackedMember* const member, take(descriptor));
  if (member->size_bytes > oci_document_bytes_max)
    return fail(ErrorCode::invalid, descriptor.digest_text() + " is longer than the 4 MiB that clients read");
  document_bytes_ += member->size_bytes;
  if (document_bytes_ > documents_bytes_max) return fail(ErrorCode::invalid, "its manifests are longer than 32 MiB together");
  return read_small_file(member->file, oci_document_bytes_max);
}

Result<void> OciImageBuilder::take_blob(const OciDescriptor& descriptor) {
  TRY_ASSIGN(const UnpackedMember* const member, take(descriptor));
  image_.blobs.try_emplace(descriptor.digest, OciBlob{member->file, member->size_bytes});
  return {};
}

Result<OciConfigDocument> OciImageBuilder::take_config(const OciDescriptor& descriptor) {
  if (!is_config_type(descriptor.media_type))
    return fail(ErrorCode::invalid, "it is no image: its configuration is of type " + shown(descriptor.media_type) +
                                        "; only images are published here");
  TRY(take_blob(descriptor));
  TRY_ASSIGN(const std::string text, document(descriptor));
  auto config = parse_oci_config(text);
  if (!config) return fail(config.error().in("configuration " + descriptor.digest_text()));
  if (config->platform.is_unknown())
    return fail(ErrorCode::invalid, "configuration " + descriptor.digest_text() + ": its platform is unknown/unknown");
  return config;
}

Result<void> OciImageBuilder::take_layers(const OciManifestDocument& manifest, const OciConfigDocument& config) {
  if (manifest.layers.size() != config.diff_ids.size())
    return fail(ErrorCode::invalid, "it has " + std::to_string(manifest.layers.size()) + " layers, its configuration knows " +
                                        std::to_string(config.diff_ids.size()) + " (diff_ids)");
  for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
    const OciDescriptor& layer = manifest.layers[i];
    TRY_ASSIGN(const auto compression, layer_compression(layer.media_type));
    TRY(check_no_urls(layer));
    TRY(take_blob(layer));
    layers_.push_back({image_.blobs.at(layer.digest).file, layer.digest, layer.size_bytes, compression, config.diff_ids[i]});
  }
  return {};
}

Result<void> OciImageBuilder::claim_platform(const OciPlatform& platform, const OciDescriptor& descriptor) {
  const auto [known, is_new] = by_platform_.emplace(platform.normalised(), descriptor.digest);
  if (is_new) return {};
  return fail(ErrorCode::invalid, "two images for " + platform.text() + ": " + oci_digest(known->second) + " and " +
                                      descriptor.digest_text() + "; clients would take either");
}

Result<void> OciImageBuilder::add_image(const OciDescriptor& descriptor, std::string bytes) {
  TRY_ASSIGN(const OciManifestDocument document, parse_oci_manifest(bytes));
  TRY(check_media_type(document.media_type, descriptor));
  TRY_ASSIGN(const OciConfigDocument config, take_config(document.config));
  OciPlatform platform = config.platform;
  if (descriptor.platform) {
    if (contradicts(*descriptor.platform, platform))
      return fail(ErrorCode::invalid,
                  "the index says " + descriptor.platform->text() + ", the image's configuration " + platform.text());
    if (platform.variant.empty()) platform.variant = descriptor.platform->variant;
    if (platform.os_version.empty()) platform.os_version = descriptor.platform->os_version;
  }
  TRY(claim_platform(platform, descriptor));
  TRY(take_layers(document, config));
  OciManifest manifest = as_manifest(descriptor, OciRole::image, std::move(bytes), document);
  manifest.platform = std::move(platform);
  if (manifest.subject && manifest.artifact_type.empty()) manifest.artifact_type = document.config.media_type;
  known_.emplace(descriptor.digest, OciRole::image);
  image_.manifests.push_back(std::move(manifest));
  return {};
}

Result<void> OciImageBuilder::add_attestation(const OciDescriptor& descriptor, std::string bytes) {
  TRY_ASSIGN(const OciManifestDocument document, parse_oci_manifest(bytes));
  TRY(check_media_type(document.media_type, descriptor));
  // Nothing else may come in this way: a bundle of signatures would be read as the image's own.
  if (!document.artifact_type.empty() && document.artifact_type != attestation_artifact)
    return fail(ErrorCode::invalid, "it is no attestation of BuildKit: its artifactType is " + shown(document.artifact_type));
  if (!is_config_type(document.config.media_type) && document.config.media_type != oci_empty_type)
    return fail(ErrorCode::invalid,
                "it is no attestation of BuildKit: its configuration is of type " + shown(document.config.media_type));
  TRY(take_blob(document.config));
  for (const OciDescriptor& layer : document.layers) {
    TRY(check_no_urls(layer));
    TRY(take_blob(layer));
  }
  OciManifest manifest = as_manifest(descriptor, OciRole::attestation, std::move(bytes), document);
  if (manifest.subject && manifest.artifact_type.empty()) manifest.artifact_type = document.config.media_type;
  known_.emplace(descriptor.digest, OciRole::attestation);
  image_.manifests.push_back(std::move(manifest));
  return {};
}

// A client that takes an image from an index goes by what the index says, whatever the configurations add to it.
Result<void> OciImageBuilder::check_listed_platforms(const OciIndexDocument& document) const {
  std::map<OciPlatform, std::string> listed;
  for (const OciDescriptor& child : document.manifests) {
    const auto manifest = std::ranges::find_if(
        image_.manifests, [&](const OciManifest& known) { return known.descriptor.digest == child.digest; });
    if (manifest == image_.manifests.end() || manifest->role != OciRole::image) continue;
    const OciPlatform platform = child.platform.value_or(manifest->platform);
    const auto [known, is_new] = listed.emplace(platform.normalised(), child.digest_text());
    if (!is_new)
      return fail(ErrorCode::invalid, "the index lists two images for " + platform.text() + ": " + known->second + " and " +
                                          child.digest_text() + "; clients would take either: give each its own variant there");
  }
  return {};
}

Result<void> OciImageBuilder::add_index(const OciDescriptor& descriptor, std::string bytes, int depth) {
  if (depth > indexes_deep_max) return fail(ErrorCode::invalid, "indexes lie more than three deep in each other");
  TRY_ASSIGN(const OciIndexDocument document, parse_oci_index(bytes));
  TRY(check_media_type(document.media_type, descriptor));
  if (document.manifests.empty()) return fail(ErrorCode::invalid, "the index names no image");
  for (const OciDescriptor& child : document.manifests) TRY(add(child, depth + 1));
  TRY(check_listed_platforms(document));
  known_.emplace(descriptor.digest, OciRole::index);
  image_.manifests.push_back(as_manifest(descriptor, OciRole::index, std::move(bytes), document));
  return {};
}

Result<void> OciImageBuilder::add(const OciDescriptor& descriptor, int depth) {
  const bool is_index = is_index_type(descriptor.media_type);
  if (!is_index && !is_manifest_type(descriptor.media_type))
    return fail(ErrorCode::invalid, descriptor.digest_text() + " is of type " + shown(descriptor.media_type) +
                                        ", which is neither an image nor an index that present clients read");
  const OciRole role = is_index ? OciRole::index : is_attestation(descriptor) ? OciRole::attestation : OciRole::image;
  if (const auto known = known_.find(descriptor.digest); known != known_.end()) {
    if (role == OciRole::attestation && known->second == role) return {};
    return fail(ErrorCode::invalid, "the index names " + descriptor.digest_text() + " twice");
  }
  auto bytes = document(descriptor);
  if (!bytes && depth > 1 && bytes.error().code == ErrorCode::invalid && find_(descriptor.digest) == nullptr)
    return fail(ErrorCode::invalid, bytes.error().message + ", which its index names" +
                                        (descriptor.platform ? " for " + descriptor.platform->text() : "") +
                                        "; save all platforms, or each into a {tag}_{arch}.tar (docker save --platform)");
  if (!bytes) return fail(bytes.error());
  auto added = role == OciRole::index         ? add_index(descriptor, std::move(*bytes), depth)
               : role == OciRole::attestation ? add_attestation(descriptor, std::move(*bytes))
                                              : add_image(descriptor, std::move(*bytes));
  if (!added) return fail(added.error().in((is_index ? "index " : "manifest ") + descriptor.digest_text()));
  return {};
}

Result<OciImage> OciImageBuilder::finish() {
  if (by_platform_.empty()) return fail(ErrorCode::invalid, "the index names attestations and no image");
  TRY(check_diff_ids(layers_));
  image_.top = image_.manifests.back().descriptor;
  return std::move(image_);
}

}  // namespace packyard
