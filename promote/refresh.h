// Refresh: the same content, signed and dated anew, so that a Valid-Until does not pass while nothing is promoted. Without a
// scope the targets whose settings have valid_until, with one those it covers. And redating: the way out after a release that a
// wrong clock dated into the future (promote/publication_time.h). Both take the store's lock.
#pragma once

#include "promote/press_parts.h"
#include "promote/rollback.h"
#include "promote/scope.h"

namespace packyard {

Result<ChangeOutcome> refresh(const PressParts& parts, const Scope& scope);

// Publishes what the live release dates in the future anew, dated by the clock. Whoever calls it vouches for the clock. Nothing
// to do when the newest release lies in the past.
Result<ChangeOutcome> redate(const PressParts& parts);

}  // namespace packyard
