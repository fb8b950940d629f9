// What was released, for a person who looks back, and pinning. Reading needs no lock.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "promote/press_parts.h"
#include "promote/promotion_plan.h"
#include "storage/catalog.h"

namespace packyard {

struct ReleaseDetails {
  ReleaseRow release;
  std::map<TargetId, std::uint64_t> targets;  // generation of each
  std::vector<JournalEntry> journal;
};

// Oldest first; those whose files retention removed left out.
Result<std::vector<ReleaseRow>> list_releases(const PressParts& parts);
Result<ReleaseDetails> show_release(const PressParts& parts, std::uint64_t number);
// What a customer sees change from one release to another, in either order of time.
Result<std::vector<ContentChange>> compare_releases(const PressParts& parts, std::uint64_t from, std::uint64_t to);

enum class Pinning { pinned, unpinned };
// A pinned release is never removed by retention. Takes the store's lock.
Result<void> pin_release(const PressParts& parts, std::uint64_t number, Pinning pinning);

}  // namespace packyard
