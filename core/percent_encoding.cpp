#include "core/percent_encoding.h"

#include "core/hex.h"

namespace packyard {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string percent_encode(std::string_view text, Slash slash) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c) || (c == '/' && slash == Slash::stays)) {
      encoded += c;
    } else {
      encoded += '%';
      append_hex(encoded, static_cast<unsigned char>(c), HexCase::upper);
    }
  }
  return encoded;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
    if (!high || !low) return std::nullopt;
    bytes += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return bytes;
}

}  // namespace packyard
