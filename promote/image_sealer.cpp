#include "promote/image_sealer.h"

#include <unistd.h>

#include <atomic>

#include "core/base64.h"
#include "core/durable_file.h"
#include "core/tree_path.h"
#include "promote/oci_documents.h"
#include "promote/oci_media_type.h"
#include "signer/cosign_documents.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

// Several images of one promotion may put the same file at once.
std::string aside_ending() {
  static std::atomic<std::uint64_t> count = 0;
  return "." + std::to_string(++count) + ".part";
}

OciDescriptor descriptor_of(const std::string& manifest) {
  OciDescriptor descriptor;
  descriptor.media_type = oci_manifest_type;
  descriptor.digest = sha256(manifest);
  descriptor.size_bytes = manifest.size();
  return descriptor;
}

}  // namespace

Result<void> ImageSealer::begin(const TargetId& target, ImageRecord record) {
  target_ = target;
  TRY_ASSIGN(seal_, seal_of(settings_, signer_, target));
  record_ = std::move(record);
  record_.key = seal_.key;
  return {};
}

Result<ImageRecord> ImageSealer::seal(const ImageToSeal& wanted) {
  TRY(begin(wanted.target, {wanted.tag, wanted.image.top.digest, {}, wanted.published_at, {}, {}, {}}));
  for (const auto& [digest, blob] : wanted.image.blobs) {
    TRY(link(tree_path::oci_blob(wanted.target, digest), blob.file));
    record_.blobs[digest] = blob.size_bytes;
  }
  for (const auto& manifest : wanted.image.manifests) {
    TRY(put_manifest(manifest.bytes, {manifest.descriptor.media_type, manifest.bytes.size(), manifest.subject,
                                      manifest.artifact_type, manifest.annotations}));
    TRY(sign_tagged(manifest.descriptor));
  }
  for (const auto& sbom : wanted.sboms) TRY(attach(sbom, wanted.image.top));
  return std::move(record_);
}

// Its signatures stay what they are, and with them the key that the record names.
Result<ImageRecord> ImageSealer::attach_to(const TargetId& target, const ImageRecord& record,
                                           const std::vector<StagedSbom>& sboms, Timestamp published_at) {
  TRY(begin(target, record));
  record_.key = record.key;
  record_.published_at = published_at;
  const auto known = record.manifests.find(record.top);
  if (known == record.manifests.end())
    return fail(ErrorCode::corrupt, "adding an SBOM to the tag " + record.tag + " of " + target.text() +
                                        ": its record lacks the image; restore it from a backup");
  OciDescriptor top;
  top.media_type = known->second.media_type;
  top.digest = record.top;
  top.size_bytes = known->second.size_bytes;
  for (const auto& sbom : sboms)
    if (!record.blobs.contains(sbom.digest.sha256)) TRY(attach(sbom, top));
  return std::move(record_);
}

Result<ImageRecord> ImageSealer::seal_again(const TargetId& target, const ImageRecord& record, RecordedImage image,
                                            Timestamp published_at) {
  TRY(begin(target,
            {record.tag, record.top, record.architecture, published_at, std::move(image.held), std::move(image.blobs), {}}));
  for (const auto& manifest : image.manifests) TRY(sign_tagged(manifest));
  for (const auto& manifest : image.sboms) TRY(sign_untagged(manifest));
  return std::move(record_);
}

Result<void> ImageSealer::sign_tagged(const OciDescriptor& manifest) {
  return sign(manifest, tagged_payload(seal_, manifest.digest, record_.tag),
              image_statement(manifest.digest, {{"tag", record_.tag}}));
}

Result<void> ImageSealer::sign_untagged(const OciDescriptor& manifest) {
  return sign(manifest, untagged_payload(seal_, manifest.digest), image_statement(manifest.digest, {}));
}

Result<void> ImageSealer::sign(const OciDescriptor& manifest, const std::string& payload, const std::string& statement) {
  if (seal_.is_legacy) {
    TRY_ASSIGN(const std::string signature, signer_.sign(payload));
    TRY(put_blob(payload));
    record_.signatures.push_back({manifest.digest, sha256(payload), payload.size(), encode_base64(signature)});
  }
  return seal_.is_bundle ? add_bundle(manifest, statement) : Result<void>();
}

Result<void> ImageSealer::add_bundle(const OciDescriptor& manifest, const std::string& statement) {
  TRY_ASSIGN(const std::string signature, signer_.sign(dsse_signing_bytes(statement)));
  const std::string bundle = signature_bundle(statement, signature, seal_.key);
  TRY(put_blob(bundle));
  TRY(put_blob(std::string(empty_config)));
  const std::map<std::string, std::string> annotations = {
      {"dev.sigstore.bundle.content", "dsse-envelope"},
      {"dev.sigstore.bundle.predicateType", std::string(cosign::predicate_type)},
      {"org.opencontainers.image.created", record_.published_at.rfc3339()}};
  const std::string text = referrer_manifest({cosign::bundle_media_type, sha256(bundle), bundle.size()},
                                             {manifest.media_type, manifest.digest, manifest.size_bytes}, annotations);
  return put_manifest(
      text, {std::string(oci_manifest_type), text.size(), manifest.digest, std::string(cosign::bundle_media_type), annotations});
}

// A plain referrer of the image; its own manifest is what is signed: cosign would take a bundle on the image for the image's.
Result<void> ImageSealer::attach(const StagedSbom& sbom, const OciDescriptor& top) {
  TRY(link(tree_path::oci_blob(*target_, sbom.digest.sha256), sbom.file));
  record_.blobs[sbom.digest.sha256] = sbom.digest.size_bytes;
  TRY(put_blob(std::string(empty_config)));
  const std::map<std::string, std::string> annotations = {{"org.opencontainers.image.created", record_.published_at.rfc3339()}};
  const std::string text = referrer_manifest({sbom.media_type, sbom.digest.sha256, sbom.digest.size_bytes},
                                             {top.media_type, top.digest, top.size_bytes}, annotations);
  TRY(put_manifest(text, {std::string(oci_manifest_type), text.size(), top.digest, std::string(sbom.media_type), annotations}));
  return sign_untagged(descriptor_of(text));
}

Result<void> ImageSealer::put_blob(const std::string& bytes) {
  const Sha256 digest = sha256(bytes);
  record_.blobs[digest] = bytes.size();
  return put(tree_path::oci_blob(*target_, digest), bytes);
}

Result<void> ImageSealer::put_manifest(const std::string& bytes, RecordedManifest manifest) {
  const Sha256 digest = sha256(bytes);
  record_.manifests[digest] = std::move(manifest);
  return put(tree_path::oci_manifest(*target_, digest), bytes);
}

bool ImageSealer::is_published(const std::string& path) const {
  std::error_code ignored;
  return fs::exists(settings_.storage.published / path, ignored);
}

// Named by their digest, so it does not matter who puts it. Written aside, so that it is there whole or not.
Result<void> ImageSealer::put(const std::string& path, const std::string& bytes) const {
  if (is_published(path)) return {};
  const fs::path file = candidate_ / path;
  const fs::path aside = file.string() + aside_ending();
  TRY(make_folders(file.parent_path()));
  TRY(write_new_file(aside, bytes, FileMode::world_readable));
  return move_file(aside, file);
}

Result<void> ImageSealer::link(const std::string& path, const fs::path& from) const {
  if (is_published(path)) return {};
  const fs::path to = candidate_ / path;
  TRY(make_folders(to.parent_path()));
  if (::link(from.c_str(), to.c_str()) == 0 || errno == EEXIST) return {};
  return fail(system_error("linking " + from.string() + " as " + to.string()));
}

}  // namespace packyard
