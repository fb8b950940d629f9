// ImageSignatureChecker: the signatures of an image repository, checked as cosign (both its forms) and skopeo check them:
// whatever is there must be good, and every listed tag must be signed, its index and every manifest below it, in the forms that
// the vendor promises. Findings go to the collector. One object per target, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/settings.h"
#include "verify/findings.h"
#include "verify/image_key.h"
#include "verify/image_signature_reader.h"
#include "verify/oci_repository_reader.h"

namespace packyard {

// What images are held against. Plain values, made once per run.
struct ImageTrust {
  std::optional<ImageKey> key;        // unset: was not to be had, a finding already; signatures are then not looked at
  std::string site;                   // "pkg.example.org", what stands before the first '/' of a reference
  std::vector<ImageSignature> forms;  // that must be there
};

class ImageSignatureChecker {
 public:
  ImageSignatureChecker(const ImageTrust& trust, OciRepositoryReader& repository, Findings& findings)
      : trust_(trust), repository_(repository), findings_(findings) {}

  void check();
  std::uint64_t checked() const { return checked_; }

 private:
  // What the good signatures of one manifest say.
  struct Claims {
    std::set<std::string> legacy_tags, bundle_tags;
    bool has_legacy_without_tag = false, has_bundle_without_tag = false, has_bundle = false;
    std::set<std::string> other_references;  // of another site
  };

  void read_signature_tag(const std::string& tag, const Sha256& subject, const Sha256& manifest);
  void take_legacy(const std::string& subject, const Sha256& digest, const ManifestDescriptor& layer);
  void take_reference(const std::string& subject, const Sha256& digest, const ImageClaim& claim);
  void read_referrer(const Sha256& digest, const ManifestDocument& manifest);
  void read_bundle_manifest(const std::string& path, const ManifestDocument& manifest);
  void demand(const std::string& subject, const Sha256& digest, const std::optional<std::string>& tag);
  bool promises(ImageSignature form) const;
  std::string repository_name() const;

  const ImageTrust& trust_;
  OciRepositoryReader& repository_;
  Findings& findings_;
  std::map<Sha256, Claims> claims_;
  std::vector<Sha256> boms_;  // software bills of materials: each is signed itself
  std::uint64_t checked_ = 0;
};

}  // namespace packyard
