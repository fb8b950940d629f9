// Promoter: takes what CI staged, checks it, signs it, builds the indexes, has them verified and publishes all of it with one
// switch (ARCHITECTURE.md "Order of a promotion"). One bad package stops the whole promotion: every finding is told at once,
// nothing is published, nothing staged is touched. One call at a time per object; another process on the same store gets a
// conflict.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "promote/press_parts.h"
#include "promote/promotion_plan.h"
#include "promote/scope.h"
#include "storage/promotion_record.h"

namespace packyard {

struct PromotionRequest {
  Scope scope;
  PromotionMode mode = PromotionMode::publish;
  OlderVersions older = OlderVersions::refused;
};

struct PromotionOutcome {
  std::vector<Finding> findings;          // not empty: refused, nothing was published
  std::vector<ContentChange> changes;     // what customers see
  std::optional<std::uint64_t> release;   // unset: nothing to do, refused or a dry run
  std::optional<std::uint64_t> finished;  // a release that an interrupted command had prepared
  std::uint64_t staged_files = 0;
};

class Promoter {
 public:
  explicit Promoter(const PressParts& parts) : parts_(parts) {}
  Result<PromotionOutcome> promote(const PromotionRequest& request);

 private:
  Result<PromotionOutcome> dry_run(const PromotionRequest& request);
  Result<PromotionOutcome> publish(const PromotionRequest& request);
  const PressParts& parts_;
};

}  // namespace packyard
