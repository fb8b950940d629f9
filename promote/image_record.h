// ImageRecord: what publishing one tag of an image consisted of: every manifest and blob it needs, and its signatures. Made when
// the tag is sealed, kept as pool/…/images/{tag}-{digits}.json and as the catalog's record; what a repository holds is worked out
// from the records alone. A plain value; a text that does not parse is ErrorCode::corrupt: it was ours.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "core/result.h"
#include "core/timestamp.h"

namespace packyard {

// A manifest or index as the registry API must describe it.
struct RecordedManifest {
  std::string media_type;
  std::uint64_t size_bytes = 0;
  std::optional<Sha256> subject;
  std::string artifact_type;                       // with a subject only
  std::map<std::string, std::string> annotations;  // with a subject only

  bool operator==(const RecordedManifest&) const = default;
};

// A cosign signature over a payload blob that names the digest.
struct SignedPayload {
  Sha256 digest;  // of the signed manifest
  Sha256 payload;
  std::uint64_t payload_bytes = 0;
  std::string signature;  // base64 of DER

  bool operator==(const SignedPayload&) const = default;
};

struct ImageRecord {
  std::string tag;
  Sha256 top;                // what the tag points to
  std::string architecture;  // "amd64,arm64"
  Timestamp published_at;
  std::map<Sha256, RecordedManifest> manifests;
  std::map<Sha256, std::uint64_t> blobs;
  std::vector<SignedPayload> signatures;
  std::string key{};  // which key signed it, as bundles name it (key_hint of signer/cosign_documents.h); empty: not said

  bool operator==(const ImageRecord&) const = default;
};

std::string image_record_text(const ImageRecord& record);
Result<ImageRecord> parse_image_record(std::string_view text);

// "sha256:<hex>" as every OCI document writes it.
std::string digest_text(const Sha256& digest);

// The members of a manifest's entry as repository.json and the record have them: {"media_type":…}.
std::string recorded_manifest_text(const RecordedManifest& manifest);

}  // namespace packyard
