// PEM blocks (RFC 7468) as cosign keys have them: one block in a text, no headers inside, lines of any length. Text before the
// block is ignored, text after it is refused: a second block would be signed with or not by accident. Pure functions; malformed
// is ErrorCode::invalid, and no error holds more of the text than a label.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

namespace pem_label {
inline constexpr std::string_view public_key = "PUBLIC KEY";
}

// The bytes of the one block, which must have one of these labels; any other is not even decoded.
Result<std::string> read_pem(std::string_view text, std::initializer_list<std::string_view> labels);
// Lines of 64 characters, a line end after the last.
std::string write_pem(std::string_view label, std::string_view bytes);

}  // namespace packyard
