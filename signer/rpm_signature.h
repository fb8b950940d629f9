// Signs an RPM v4 package: copies it with a new signature header whose RSAHEADER (268) signs the main header; signatures over
// header and payload (1002, 1005) and older ones are dropped, digests and sizes kept, the payload's bytes unchanged.
// Format: rpm's docs/format (lead, header structure, region tags). Reads the input once in blocks; memory does not grow with it.
#pragma once

#include <filesystem>

#include "core/digest.h"
#include "core/result.h"
#include "signer/openpgp_signer.h"

namespace packyard {

// Makes `sealed` (must not exist) from `package`; returns digest and size of what it wrote. Thread-safe.
Result<FileDigest> sign_rpm(const std::filesystem::path& package, const std::filesystem::path& sealed, OpenPgpSigner& signer);

}  // namespace packyard
