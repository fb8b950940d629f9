// Base64 (RFC 4648 section 4: the standard alphabet, padded). Strict: no line ends, no other character, whole groups of four, and
// unused bits are zero, so that bytes have one text only. Pure functions. Not in constant time: for secrets that are encrypted.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

std::string encode_base64(std::string_view bytes);
// ErrorCode::invalid says that it is no base64, never what it holds.
Result<std::string> decode_base64(std::string_view text);

}  // namespace packyard
