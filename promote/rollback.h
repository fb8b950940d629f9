// Rollback: restores a scope's earlier content in a new release with fresh dates and signatures and leaves the rest as it is.
// Withdrawn packages do not come back, so releases that differ by those alone, or by signatures and dates, count as the same:
// images come back with the signatures they have now (promote/image_resealing.h), not with those of that release.
// A store-wide rollback that would undo later promotions of other targets is refused unless
// forced. Takes the store's lock.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "promote/press_parts.h"
#include "promote/promotion_plan.h"
#include "promote/scope.h"

namespace packyard {

enum class OtherPromotions { kept, undone };

struct RollbackRequest {
  Scope scope;
  std::optional<std::uint64_t> to;  // release; unset: the newest one in which the scope was different
  OtherPromotions others = OtherPromotions::kept;
};

struct ChangeOutcome {
  std::vector<Finding> findings;  // not empty: nothing was published
  std::vector<ContentChange> changes;
  std::optional<std::uint64_t> release;  // the new one
  std::uint64_t from = 0;                // rollback: the release whose content came back
};

Result<ChangeOutcome> roll_back(const PressParts& parts, const RollbackRequest& request);

}  // namespace packyard
