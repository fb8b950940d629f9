#include "promote/image_sealer.h"

#include <unistd.h>

#include "core/base64.h"
#include "core/durable_file.h"
#include "core/tree_path.h"
#include "promote/oci_documents.h"
#include "promote/oci_media_type.h"
#include "signer/cosign_documents.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

// So that `cosign verify -a tag=1.4.2` refuses another image under that tag.
SignatureAnnotations annotations_for(const std::string& tag) {
  return tag.empty() ? SignatureAnnotations{} : SignatureAnnotations{{"tag", tag}};
}

}  // namespace

Result<ImageRecord> ImageSealer::seal(const ImageToSeal& wanted) {
  wanted_ = &wanted;
  record_ = {wanted.tag, wanted.image.top.digest, {}, wanted.published_at, {}, {}, {}};
  for (const auto& [digest, blob] : wanted.image.blobs) {
    TRY(link(tree_path::oci_blob(wanted.target, digest), blob.file));
    record_.blobs[digest] = blob.size_bytes;
  }
  const std::string reference = repository_reference() + ":" + wanted.tag;
  for (const auto& manifest : wanted.image.manifests) {
    TRY(put_manifest(manifest.bytes, {manifest.descriptor.media_type, manifest.bytes.size(), manifest.subject,
                                      manifest.artifact_type, manifest.annotations}));
    TRY(sign(manifest.descriptor, reference, wanted.tag));
  }
  for (const auto& sbom : wanted.sboms) TRY(attach(sbom));
  return std::move(record_);
}

// HOST/component/year/image: what customers write before the tag.
std::string ImageSealer::repository_reference() const {
  const TargetId& target = wanted_->target;
  return settings_.site + "/" + target.component.text() + "/" + target.year.text() + "/" + target.target.text();
}

// `tag` empty: a manifest that no tag names.
Result<void> ImageSealer::sign(const OciDescriptor& manifest, const std::string& reference, const std::string& tag) {
  if (settings_.signing.signs_images_as(ImageSignature::legacy)) {
    const std::string payload = simple_signing_payload(reference, manifest.digest, annotations_for(tag));
    TRY_ASSIGN(const std::string signature, signer_.sign(payload));
    TRY(put_blob(payload));
    record_.signatures.push_back({manifest.digest, sha256(payload), payload.size(), encode_base64(signature)});
  }
  if (settings_.signing.signs_images_as(ImageSignature::bundle)) TRY(add_bundle(manifest, tag));
  return {};
}

Result<void> ImageSealer::add_bundle(const OciDescriptor& manifest, const std::string& tag) {
  const std::string statement = image_statement(manifest.digest, annotations_for(tag));
  TRY_ASSIGN(const std::string signature, signer_.sign(dsse_signing_bytes(statement)));
  TRY_ASSIGN(const std::string hint, key_hint(signer_.public_key()));
  const std::string bundle = signature_bundle(statement, signature, hint);
  TRY(put_blob(bundle));
  TRY(put_blob(std::string(empty_config)));
  const std::map<std::string, std::string> annotations = {
      {"dev.sigstore.bundle.content", "dsse-envelope"},
      {"dev.sigstore.bundle.predicateType", std::string(cosign::predicate_type)},
      {"org.opencontainers.image.created", wanted_->published_at.rfc3339()}};
  const std::string text = referrer_manifest({cosign::bundle_media_type, sha256(bundle), bundle.size()},
                                             {manifest.media_type, manifest.digest, manifest.size_bytes}, annotations);
  return put_manifest(
      text, {std::string(oci_manifest_type), text.size(), manifest.digest, std::string(cosign::bundle_media_type), annotations});
}

// A plain referrer of the image; its own manifest is what is signed: cosign would take a bundle on the image for the image's.
Result<void> ImageSealer::attach(const StagedSbom& sbom) {
  TRY(link(tree_path::oci_blob(wanted_->target, sbom.digest.sha256), sbom.file));
  record_.blobs[sbom.digest.sha256] = sbom.digest.size_bytes;
  TRY(put_blob(std::string(empty_config)));
  const OciDescriptor& top = wanted_->image.top;
  const std::map<std::string, std::string> annotations = {{"org.opencontainers.image.created", wanted_->published_at.rfc3339()}};
  const std::string text = referrer_manifest({sbom.media_type, sbom.digest.sha256, sbom.digest.size_bytes},
                                             {top.media_type, top.digest, top.size_bytes}, annotations);
  TRY(put_manifest(text, {std::string(oci_manifest_type), text.size(), top.digest, std::string(sbom.media_type), annotations}));
  OciDescriptor own;
  own.media_type = oci_manifest_type;
  own.digest = sha256(text);
  own.size_bytes = text.size();
  return sign(own, repository_reference() + "@" + digest_text(own.digest), "");
}

Result<void> ImageSealer::put_blob(const std::string& bytes) {
  const Sha256 digest = sha256(bytes);
  record_.blobs[digest] = bytes.size();
  return put(tree_path::oci_blob(wanted_->target, digest), bytes);
}

Result<void> ImageSealer::put_manifest(const std::string& bytes, RecordedManifest manifest) {
  const Sha256 digest = sha256(bytes);
  record_.manifests[digest] = std::move(manifest);
  return put(tree_path::oci_manifest(wanted_->target, digest), bytes);
}

bool ImageSealer::is_published(const std::string& path) const {
  std::error_code ignored;
  return fs::exists(settings_.storage.published / path, ignored);
}

// Named by their digest: several images of one promotion may put the same file. Written aside, so that it is there whole or not.
Result<void> ImageSealer::put(const std::string& path, const std::string& bytes) const {
  if (is_published(path)) return {};
  const fs::path file = candidate_ / path;
  const fs::path aside = file.string() + "." + wanted_->tag + ".part";
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
