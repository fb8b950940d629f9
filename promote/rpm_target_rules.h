// Which RPM target a package belongs to: architecture, kind (binary, source, debug) and the os its dist tag names. When a package
// was staged under another target, the refusal names the right one. Pure functions over the settings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/settings.h"
#include "promote/package_format.h"

namespace packyard {

// "el9" in "1.el9_2", "fc40" in "3.module+fc40+1", empty when the release names no known os.
std::string os_of_release(std::string_view release);
RpmTargetKind kind_of(const PackageFacts& facts);
Result<void> check_rpm_target(const PackageFacts& facts, const RpmTargetSettings& target,
                              const std::vector<RpmTargetSettings>& all);

}  // namespace packyard
