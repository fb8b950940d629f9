// Checks the relationship fields of a binary package (Depends, Conflicts, Provides …; Debian Policy 7.1, deb-control(5)). One that
// apt cannot read makes it refuse the whole index: every customer would lose apt, for every package, until the index changes.
// Strict as dpkg is when it installs. Pure function; fails as ErrorCode::invalid with words for the vendor.
#pragma once

#include "core/result.h"
#include "promote/deb_control.h"

namespace packyard {

Result<void> check_deb_relations(const DebControl& control);

}  // namespace packyard
