// Checks that layers, uncompressed, are what the image's configuration says of them (diff_ids, OCI image-spec v1.1 config.md): a
// wrong one would be pulled and then refused by every client. Plain layers cost nothing, their digest is known; gzip and zstd are
// decompressed, several at once, in flat memory. Together they may become 8 GiB and 100 times what they are, no more (a bomb).
// Errors are ErrorCode::invalid, or failures to read the files.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "core/digest.h"
#include "core/result.h"
#include "core/settings.h"

namespace packyard {

struct LayerToCheck {
  std::filesystem::path file;
  Sha256 digest;  // of the file, known to be right
  std::uint64_t size_bytes = 0;
  std::optional<Compression> compression;
  Sha256 diff_id;
};

struct DiffIdLimits {
  std::uint64_t base_bytes = std::uint64_t{8} << 30;
  std::uint64_t ratio = 100;
};

// One layer may be there several times, for several images.
Result<void> check_diff_ids(const std::vector<LayerToCheck>& layers, DiffIdLimits limits = {});

}  // namespace packyard
