// Order of RPM versions "[epoch:]version-release", as rpm decides it: epoch as a number, then version, then release by rpmvercmp
// with '~' before and '^' after (rpm-version(7)). librpm stays in rpm_version.cpp. Pure function, thread-safe.
#pragma once

#include <compare>
#include <string_view>

namespace packyard {

std::strong_ordering compare_rpm_versions(std::string_view left, std::string_view right);

}  // namespace packyard
