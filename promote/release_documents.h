// The two documents of a release, as text (ARCHITECTURE.md "A release"): contents.json of a generation names every file and
// package with SHA-256 and size; release.json names each target's generation and the SHA-256 of its contents.json. Pure
// functions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/digest.h"
#include "core/names.h"
#include "core/timestamp.h"
#include "promote/package_format.h"
#include "storage/catalog.h"

namespace packyard {

std::string contents_json(const TargetId& target, std::uint64_t generation, Timestamp published_at, const BuiltGeneration& built,
                          const std::vector<Listing>& packages);

struct ReleasedTarget {
  std::uint64_t generation = 0;
  Sha256 contents;
};
std::string release_json(std::uint64_t release, Timestamp published_at, ReleaseKind kind,
                         const std::map<TargetId, ReleasedTarget>& targets);

}  // namespace packyard
