#include "promote/image_seal.h"

#include <algorithm>

#include "signer/cosign_documents.h"

namespace packyard {

Result<ImageSeal> seal_of(const Settings& settings, const ImageSigner& signer, const TargetId& target) {
  ImageSeal seal;
  seal.repository = settings.site + "/" + target.component.text() + "/" + target.year.text() + "/" + target.target.text();
  seal.is_legacy = settings.signing.signs_images_as(ImageSignature::legacy);
  seal.is_bundle = settings.signing.signs_images_as(ImageSignature::bundle);
  TRY_ASSIGN(seal.key, key_hint(signer.public_key()));
  return seal;
}

// The annotation: so that `cosign verify -a tag=1.4.2` refuses another image under that tag.
std::string tagged_payload(const ImageSeal& seal, const Sha256& digest, const std::string& tag) {
  return simple_signing_payload(seal.repository + ":" + tag, digest, {{"tag", tag}});
}

std::string untagged_payload(const ImageSeal& seal, const Sha256& digest) {
  return simple_signing_payload(seal.repository + "@" + digest_text(digest), digest, {});
}

bool is_bundle(const RecordedManifest& manifest) { return manifest.artifact_type == cosign::bundle_media_type; }

std::set<Sha256> bundled_manifests(const ImageRecord& record) {
  std::set<Sha256> bundled;
  for (const auto& [digest, manifest] : record.manifests)
    if (is_bundle(manifest) && manifest.subject) bundled.insert(*manifest.subject);
  return bundled;
}

bool lacks_signatures(const ImageRecord& record, const ImageSeal& seal, const std::set<Sha256>& bundled) {
  if (!record.key.empty() && record.key != seal.key) return true;
  std::set<Sha256> payloads;
  for (const auto& entry : record.signatures) payloads.insert(entry.payload);
  const std::set<Sha256> own_bundles = bundled_manifests(record);
  return std::ranges::any_of(record.manifests, [&](const auto& entry) {
    const auto& [digest, manifest] = entry;
    if (is_bundle(manifest)) return false;
    const bool is_named = payloads.contains(sha256(tagged_payload(seal, digest, record.tag))) ||
                          payloads.contains(sha256(untagged_payload(seal, digest)));
    const bool needs_bundle = seal.is_bundle || bundled.contains(digest);
    return (seal.is_legacy && !is_named) || (needs_bundle && !own_bundles.contains(digest));
  });
}

bool is_sealed_as(const ImageRecord& record, const ImageSeal& seal) {
  const bool has_more =
      (!seal.is_legacy && !record.signatures.empty()) || (!seal.is_bundle && !bundled_manifests(record).empty());
  return record.key == seal.key && !has_more && !lacks_signatures(record, seal, {});
}

}  // namespace packyard
