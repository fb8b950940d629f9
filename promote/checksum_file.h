// Reads the text of a checksum file (X.sha256 beside X): bare hexadecimal, or one line as sha256sum writes it ("hex  name",
// "hex *name"). One line, upper or lower case, an optional line end; the name, where given, must be that of the file (a folder in
// front of it is passed over: CI often calls sha256sum from another folder). Anything else is invalid. A pure function.
#pragma once

#include <string_view>

#include "core/digest.h"
#include "core/result.h"

namespace packyard {

inline constexpr std::size_t checksum_file_bytes_max = 4096;

Result<Sha256> parse_checksum_file(std::string_view text, std::string_view file_name);

}  // namespace packyard
