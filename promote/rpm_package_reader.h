// Reads an RPM v4 package whole: what it says of itself, who signed it, and whether every byte is the one that was built: sizes
// and digests of the signature header (MD5, SHA-1, SHA-256, size) and the payload digest of the main header are all compared, so
// that a truncated package or a flipped bit in header or payload is found (rpm's docs/format). Needs no rpm database or keyring.
// One read, memory flat. Thread-safe. Bad packages are ErrorCode::invalid with words for the vendor.
#pragma once

#include <filesystem>

#include "core/result.h"
#include "promote/package_format.h"

namespace packyard {

Result<PackageFacts> read_rpm_package(const std::filesystem::path& file);

}  // namespace packyard
