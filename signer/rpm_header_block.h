// The header structure of an RPM package (rpm's docs/format: magic, counts, index entries, data), as the signature header and the
// main header have it. Reading is at least as strict as rpm's own hdrblobVerifyInfo: bounds, alignment, order, no overlap.
// Views point into the given bytes. Pure functions; malformed is ErrorCode::invalid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace packyard {

namespace rpm_tag {
inline constexpr std::uint32_t header_signatures = 62, immutable = 63;
// of signature headers
inline constexpr std::uint32_t dsa_header = 267, rsa_header = 268, sha1_header = 269, long_size = 270, long_archive_size = 271,
                               sha256_header = 273, file_signatures = 274, file_signature_length = 275, verity_signatures = 276,
                               verity_signature_algorithm = 277, openpgp = 278, sha3_256_header = 279, size = 1000, pgp = 1002,
                               md5 = 1004, gpg = 1005, payload_size = 1007, reserved_space = 1008;
// of main headers
inline constexpr std::uint32_t rpm_format = 5114;
}  // namespace rpm_tag

enum class RpmType : std::uint32_t {
  character = 1, int8 = 2, int16 = 3, int32 = 4, int64 = 5, string = 6, binary = 7, string_array = 8, i18n_string = 9
};

struct RpmHeaderEntry {
  std::uint32_t tag = 0;
  RpmType type = RpmType::binary;
  std::uint32_t count = 0;
  std::string_view data;
};

struct RpmHeaderLimits {
  std::uint32_t entries_max;
  std::uint32_t data_bytes_max;
};
inline constexpr RpmHeaderLimits rpm_signature_limits{32, 64 * 1024 * 1024};
inline constexpr RpmHeaderLimits rpm_main_limits{0xffff, 256 * 1024 * 1024};
inline constexpr std::size_t rpm_header_intro_bytes = 16;

// Bytes of the whole structure, its 16 bytes of introduction included, from that introduction.
Result<std::size_t> rpm_header_bytes(std::string_view introduction, RpmHeaderLimits limits);

// All entries but the region tags; `block` is exactly rpm_header_bytes long.
Result<std::vector<RpmHeaderEntry>> read_rpm_header(std::string_view block, RpmHeaderLimits limits);

// A signature header: entries sorted by tag under the region tag 62, padded to a multiple of 8. Tags must not repeat.
std::string write_rpm_signature_header(std::vector<RpmHeaderEntry> entries);

const RpmHeaderEntry* find_rpm_entry(const std::vector<RpmHeaderEntry>& entries, std::uint32_t tag);
// First element of an int32 or int64 entry.
Result<std::uint64_t> read_rpm_number(const RpmHeaderEntry& entry);

}  // namespace packyard
