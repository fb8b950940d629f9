// Retention: which releases stay, and what goes with the others. Kept: what is live, prepared or pinned; what customers were
// served within keep_for; for each target the newest generations. What no kept release lists is noted in the catalog for removal
// and removed by tidy_after_release (promote/recovery.h), pool and index first, so that a listing never lacks its bytes half way.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "core/settings.h"
#include "promote/press_parts.h"
#include "storage/catalog.h"

namespace packyard {

using ReleaseContents = std::map<std::uint64_t, std::map<TargetId, std::uint64_t>>;

// Numbers of the releases that stay. A pure function. `releases` oldest first, removed ones left out.
std::set<std::uint64_t> retained_releases(const std::vector<ReleaseRow>& releases, const ReleaseContents& contents,
                                          const RetentionSettings& policy, Timestamp now);

// One transaction: marks what goes and notes its files for removal.
Result<void> apply_retention(const PressParts& parts, Catalog& catalog);

// Images of a repository that is built anew and that no kept release names: they go with the release that holds them no more, so
// that the live one never names what is gone. In the caller's transaction.
Result<void> leave_out_untagged(const PressParts& parts, Catalog& catalog, const TargetId& target, std::uint64_t generation);

}  // namespace packyard
