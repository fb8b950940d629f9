// Bytes as hexadecimal digits, and a digit's value. Pure functions: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace packyard {

enum class HexCase : bool { lower, upper };

// Two digits for each byte.
std::string hex(std::string_view bytes, HexCase digits = HexCase::lower);
void append_hex(std::string& text, unsigned char byte, HexCase digits = HexCase::lower);

// 0 to 15 for a digit of either case; nothing for any other character.
std::optional<unsigned> hex_value(char digit);

}  // namespace packyard
