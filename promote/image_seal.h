// ImageSeal: what the settings and the key make of an image's signatures now: which host they name, in which forms, by which key.
// And whether a record, made under the settings of its day, still is what they ask for. Pure functions but for the key's hint,
// which fails as signer/cosign_documents.h says.
#pragma once

#include <set>
#include <string>

#include "core/names.h"
#include "core/settings.h"
#include "promote/image_record.h"
#include "signer/image_signer.h"

namespace packyard {

struct ImageSeal {
  std::string repository;  // HOST/component/year/image: what customers write before the tag
  bool is_legacy = false, is_bundle = false;
  std::string key;  // hint
};

Result<ImageSeal> seal_of(const Settings& settings, const ImageSigner& signer, const TargetId& target);

// What a seal demands of each manifest: a payload for the tag, or for a manifest that no tag names (an SBOM's).
std::string tagged_payload(const ImageSeal& seal, const Sha256& digest, const std::string& tag);
std::string untagged_payload(const ImageSeal& seal, const Sha256& digest);

bool is_bundle(const RecordedManifest& manifest);
// Manifests with a bundle.
std::set<Sha256> bundled_manifests(const ImageRecord& record);

// A signature that the seal demands is missing, or it is by another key. `bundled`: manifests of the whole repository that have a
// bundle: cosign 3 then asks for one of every tag. A record that does not say by which key is left to verify.
bool lacks_signatures(const ImageRecord& record, const ImageSeal& seal, const std::set<Sha256>& bundled);
// All that the seal demands and nothing else.
bool is_sealed_as(const ImageRecord& record, const ImageSeal& seal);

}  // namespace packyard
