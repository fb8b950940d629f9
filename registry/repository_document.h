// RepositoryDocument: one generation of an image repository, indexed for what the registry API is asked: tags in the order of
// lists, manifests by digest, referrers by subject (descriptors made once, as the answer shows them). Immutable once made: any
// thread may read it, and views into it live as long as it does. OCI distribution-spec 1.1: "Listing Tags", "Listing Referrers".
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "core/result.h"
#include "registry/repository_json.h"

namespace packyard {

// [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}
bool is_image_tag(std::string_view text);

struct HeldManifest {
  Sha256 digest;
  std::string_view media_type;
  std::uint64_t size_bytes = 0;
};

struct Referrer {
  Sha256 subject;
  Sha256 digest;
  std::string artifact_type;  // empty: none
  std::string descriptor;     // JSON, as it stands in the answer
};

class RepositoryDocument {
 public:
  // ErrorCode::corrupt when the document contradicts itself or a name or type could not stand in an answer.
  static Result<RepositoryDocument> parse(std::string_view json);
  RepositoryDocument(RepositoryDocument&&) = default;
  RepositoryDocument& operator=(RepositoryDocument&&) = default;  // no copies: manifests hold views of media_types_

  const std::string& repository() const { return repository_; }  // "core/2025/server"
  std::uint64_t generation() const { return generation_; }
  // In the order of their bytes ("ASCIIbetical"): the specification's main branch allows it beside the case-insensitive order
  // that 1.1 names, both generations of the conformance suite accept it, and it is what CNCF distribution does.
  std::span<const PublishedTag> tags() const { return tags_; }
  const Sha256* find_tag(std::string_view tag) const;
  const HeldManifest* find_manifest(const Sha256& digest) const;
  bool holds_blob(const Sha256& digest) const;
  std::span<const Referrer> referrers(const Sha256& subject) const;  // ordered by digest

 private:
  RepositoryDocument() = default;
  Result<void> take_tags(std::vector<PublishedTag> tags);
  Result<void> take_manifests(std::vector<PublishedManifest> manifests);
  Result<void> take_blobs(const std::vector<PublishedBlob>& blobs);

  std::string repository_;
  std::uint64_t generation_ = 0;
  std::set<std::string, std::less<>> media_types_;  // the few there are; manifests hold views
  std::vector<PublishedTag> tags_;
  std::vector<HeldManifest> manifests_;  // by digest
  std::vector<Referrer> referrers_;      // by subject, then digest
  std::vector<Sha256> blobs_;            // ordered
};

}  // namespace packyard
