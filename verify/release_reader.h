// Reads release.json and contents.json (ARCHITECTURE.md, "A release"), strictly: unknown fields, other types, repeated or unsound
// paths are errors. contents.json is read as a stream: memory follows the number of packages and objects.
// Pure functions over outside bytes; errors are ErrorCode::invalid.
#pragma once

#include <cstdint>
#include <filesystem>
#include <istream>
#include <map>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/names.h"
#include "core/result.h"
#include "core/timestamp.h"
#include "verify/indexed_package.h"

namespace packyard {

struct ReleasedGeneration {
  std::uint64_t generation = 0;
  Sha256 contents_sha256;
};

struct ReleaseDocument {
  std::uint64_t release = 0;
  Timestamp published_at;
  std::string kind;
  std::map<TargetId, ReleasedGeneration> targets;
};
Result<ReleaseDocument> read_release_document(std::string_view json);

struct ContentsDocument {
  std::string target;
  std::uint64_t generation = 0;
  Timestamp published_at;
  std::map<std::string, FileDigest> files;    // by path below public/
  IndexedPackages packages;                   // control digests are not in there
  std::map<std::string, FileDigest> objects;  // OCI: every other pool file that is held
  bool has_objects = false;                   // whether the document has that list at all
};
Result<ContentsDocument> read_contents_document(std::istream& json);

}  // namespace packyard
