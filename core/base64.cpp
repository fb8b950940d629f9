#include "core/base64.h"

#include <array>
#include <cstdint>

namespace packyard {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}
constexpr auto values_of = make_values();

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::uint32_t group = byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
    text += alphabet[group >> 18];
    text += alphabet[group >> 12 & 63];
    text += at + 1 < bytes.size() ? alphabet[group >> 6 & 63] : '=';
    text += at + 2 < bytes.size() ? alphabet[group & 63] : '=';
  }
  return text;
}

Result<std::string> decode_base64(std::string_view text) {
  const auto refusal = [] { return fail(ErrorCode::invalid, "it is not base64"); };
  if (text.size() % 4 != 0) return refusal();
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  text.remove_suffix(padding);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const char c : text) {
    const std::int8_t value = values_of[static_cast<unsigned char>(c)];
    if (value < 0) return refusal();
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if ((bit_count += 6) < 8) continue;
    bit_count -= 8;
    bytes += static_cast<char>(bits >> bit_count & 0xff);
    bits &= (1U << bit_count) - 1;
  }
  if (bits != 0) return refusal();
  return bytes;
}

}  // namespace packyard
