// RpmMetadata: the three pieces of repodata a package has: its <package> in primary, filelists and other, made by libcreaterepo_c
// (which stays in rpm_metadata.cpp; 0.17 and 1.2), so that clients read what they always read. The file is not hashed again:
// digest and size come from the caller. Thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/result.h"
#include "core/timestamp.h"

namespace packyard {

struct RpmMetadata {
  std::string primary, filelists, other;
};

struct RpmMetadataRequest {
  std::filesystem::path package;
  FileDigest digest;
  std::string_view location;  // href in primary: packages/a/acme-1.0-1.el9.x86_64.rpm
  Timestamp file_time;
};

Result<RpmMetadata> make_rpm_metadata(const RpmMetadataRequest& request);

}  // namespace packyard
