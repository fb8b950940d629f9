// Reads OpenPGP ASCII armor (RFC 4880 section 6.2, RFC 9580): text around and between blocks is ignored, several blocks of the
// wanted kind are joined, a checksum that is present must be right. Pure functions; bad armor is ErrorCode::invalid.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

inline constexpr std::string_view armored_public_key = "PGP PUBLIC KEY BLOCK";
inline constexpr std::string_view armored_signature = "PGP SIGNATURE";

// The bytes of every block "-----BEGIN <kind>-----" in text. Fails when there is none.
Result<std::string> read_openpgp_armor(std::string_view text, std::string_view kind);

}  // namespace packyard
