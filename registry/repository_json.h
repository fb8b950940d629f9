// Reads repository.json, which the press writes for every generation of an image repository (ARCHITECTURE.md, "A release"):
//   {"repository":"core/2025/server","generation":3,"published_at":"2026-01-31T12:00:00Z","tags":{"1.4.2":"sha256:…"},
//    "manifests":{"sha256:…":{"media_type":"…","size_bytes":1234,"subject":"sha256:…","artifact_type":"…","annotations":{"k":"v"}}},
//    "blobs":{"sha256:…":123}}
// Strict: every field once, none unknown, every type as above; subject, artifact_type and annotations may be missing. What the
// parts must mean together is judged by RepositoryDocument. Pure function; errors are ErrorCode::corrupt. nlohmann/json stays in
// its .cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/digest.h"
#include "core/result.h"
#include "core/timestamp.h"

namespace packyard {

struct PublishedTag {
  std::string name;
  Sha256 digest;
};

struct PublishedManifest {
  Sha256 digest;
  std::string media_type;
  std::uint64_t size_bytes = 0;
  std::optional<Sha256> subject;
  std::string artifact_type;                                     // empty: none
  std::vector<std::pair<std::string, std::string>> annotations;  // in the file's order
};

struct PublishedBlob {
  Sha256 digest;
  std::uint64_t size_bytes = 0;
};

// In the file's order.
struct RepositoryParts {
  std::string repository;
  std::uint64_t generation = 0;
  Timestamp published_at;
  std::vector<PublishedTag> tags;
  std::vector<PublishedManifest> manifests;
  std::vector<PublishedBlob> blobs;
};

Result<RepositoryParts> parse_repository_json(std::string_view json);

}  // namespace packyard
