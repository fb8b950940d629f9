#include "core/hex.h"

namespace packyard {

void append_hex(std::string& text, unsigned char byte, HexCase digits) {
  const std::string_view all = digits == HexCase::lower ? "0123456789abcdef" : "0123456789ABCDEF";
  text += all[byte >> 4];
  text += all[byte & 15];
}

std::string hex(std::string_view bytes, HexCase digits) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) append_hex(text, static_cast<unsigned char>(c), digits);
  return text;
}

std::optional<unsigned> hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a' + 10);
  if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A' + 10);
  return std::nullopt;
}

}  // namespace packyard
