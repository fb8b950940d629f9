// Signs published images anew: with the key, the site and the forms of today. Every image that the repositories of the scope
// hold gets a new record in the place of the old one: the same tags, the same digests, the SBOMs as they were, other signatures.
// Images that were withdrawn lose theirs instead. What is signed as it should be is passed over. Takes the store's lock.
#pragma once

#include "promote/press_parts.h"
#include "promote/rollback.h"
#include "promote/scope.h"

namespace packyard {

Result<ChangeOutcome> reseal_images(const PressParts& parts, const Scope& scope);

}  // namespace packyard
