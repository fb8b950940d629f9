// Reads repository.json, what an image repository holds in one generation and all that the registry API answers from
// (ARCHITECTURE.md, "Images"). Strict: no other field, no odd digest or tag. Outside bytes; errors are ErrorCode::invalid.
// Pure function.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/result.h"
#include "core/timestamp.h"

namespace packyard {

struct ListedManifest {
  std::string media_type;
  std::uint64_t size_bytes = 0;
  std::optional<Sha256> subject;
  std::string artifact_type;                       // empty: not given
  std::map<std::string, std::string> annotations;  // empty: not given
};

struct RepositoryListing {
  std::string repository;  // "core/2025/server"
  std::uint64_t generation = 0;
  Timestamp published_at;
  std::map<std::string, Sha256> tags;
  std::map<Sha256, ListedManifest> manifests;
  std::map<Sha256, std::uint64_t> blobs;  // sizes
};

constexpr std::size_t repository_bytes_max = 256 * 1024 * 1024;
Result<RepositoryListing> read_repository_listing(std::string_view json);

}  // namespace packyard
