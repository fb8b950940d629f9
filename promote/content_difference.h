// What a customer sees change between two states of a target's content. A pure function.
#pragma once

#include <vector>

#include "promote/promotion_plan.h"
#include "storage/catalog.h"

namespace packyard {

// By name and version; a name that is only in `after` is added (upgraded when an older version of it was there), one only in
// `before` is removed. A tag of an image that is in both has moved, or was resealed when it stands for the same digest.
std::vector<ContentChange> content_difference(const PackageFormat& format, const TargetId& target,
                                              const std::vector<Listing>& before, const std::vector<Listing>& after);

}  // namespace packyard
