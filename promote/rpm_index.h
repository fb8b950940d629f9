// Builds the repodata of one RPM target: primary, filelists and other (checksum-named, compressed for the target's clients),
// advisories, groups, modules, then repomd.xml with its signature and key. Format: createrepo_c's, as dnf, dnf5 and zypper read
// it. One pass over the packages, each file compressed on its own thread, memory flat. Thread-safe.
#pragma once

#include "core/result.h"
#include "core/settings.h"
#include "promote/package_format.h"

namespace packyard {

// A package's record: what describe() keeps and build() writes out.
std::string rpm_record(std::string_view primary, std::string_view filelists, std::string_view other);

Result<BuiltGeneration> build_rpm_index(const GenerationRequest& request, const RpmTargetSettings& settings);

}  // namespace packyard
