// Refresh: the same content, signed and dated anew, so that a Valid-Until does not pass while nothing is promoted. Without a
// scope the targets whose settings have valid_until, with one those it covers. Takes the store's lock.
#pragma once

#include "promote/press_parts.h"
#include "promote/rollback.h"
#include "promote/scope.h"

namespace packyard {

Result<ChangeOutcome> refresh(const PressParts& parts, const Scope& scope);

}  // namespace packyard
