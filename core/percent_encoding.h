// Percent-encoding of RFC 3986 2.1 for parts of addresses that packyard writes, and the way back. A plus sign is a plus sign: who
// reads forms turns it into a space first. The gate decodes no path: core/repository_path.h judges them as they came. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace packyard {

enum class Slash : bool { stays, is_encoded };

// Every byte but the unreserved ones (RFC 3986 2.3) becomes %XX with upper-case digits.
std::string percent_encode(std::string_view text, Slash slash);

// Any bytes, zero included; nothing when a percent sign is not followed by two digits.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace packyard
