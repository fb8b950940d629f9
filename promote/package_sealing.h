// Makes the bytes customers get: signs each new package of a plan into the candidate, describes it for the index, links it where
// more targets list it, and enters it into the catalog. Signing and describing run on several threads; the catalog is used by
// one.
#pragma once

#include "promote/promotion_plan.h"
#include "promote/release_maker.h"

namespace packyard {

// Packages that were signed before are linked, not signed again: signing twice gives different bytes. A package that cannot be
// signed or described is a finding, all of them are told; the catalog is untouched then. An Error is our own failure.
Result<std::vector<Finding>> seal_packages(const PressParts& parts, ReleaseMaker& maker, const Intake& intake,
                                           const PromotionPlan& plan);

}  // namespace packyard
