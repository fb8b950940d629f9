#include "auth/subscriber_key.h"

#include <array>
#include <cstdint>
#include <utility>

namespace packyard {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t random_length = 30;
constexpr std::size_t checksum_length = 6;
constexpr std::size_t checked_length = subscriber_key_prefix.size() + random_length;
static_assert(checked_length + checksum_length == subscriber_key_length);

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320u : 0u);
    table[byte] = value;
  }
  return table;
}
constexpr auto crc_table = make_crc_table();

constexpr std::uint32_t crc32(std::string_view text) {
  std::uint32_t value = 0xFFFFFFFFu;
  for (const char c : text) value = (value >> 8) ^ crc_table[(value ^ static_cast<unsigned char>(c)) & 0xFFu];
  return value ^ 0xFFFFFFFFu;
}
static_assert(crc32("123456789") == 0xCBF43926u);  // the check value every CRC catalogue lists

using Checksum = std::array<char, checksum_length>;

Checksum checksum_of(std::string_view text) {
  std::uint32_t rest = crc32(text);
  Checksum result{};
  for (std::size_t i = checksum_length; i-- > 0;) {
    result[i] = alphabet[rest % alphabet.size()];
    rest /= static_cast<std::uint32_t>(alphabet.size());
  }
  return result;
}

bool is_base62(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

}  // namespace

bool is_well_formed_subscriber_key(std::string_view text) {
  if (text.size() != subscriber_key_length || !text.starts_with(subscriber_key_prefix)) return false;
  for (const char c : text.substr(subscriber_key_prefix.size()))
    if (!is_base62(c)) return false;
  const Checksum checksum = checksum_of(text.substr(0, checked_length));
  return text.substr(checked_length) == std::string_view(checksum.data(), checksum.size());
}

std::string random_base62(RandomSource& random, std::size_t length) {
  // Bytes from 248 on are thrown away: 248 = 4 × 62, so every character is equally likely.
  constexpr unsigned fair_limit = 256 / 62 * 62;
  std::string text;
  text.reserve(length);
  std::array<std::byte, 64> block{};
  while (text.size() < length) {
    random.fill(block);
    for (const std::byte byte : block) {
      const auto value = std::to_integer<unsigned>(byte);
      if (value < fair_limit && text.size() < length) text.push_back(alphabet[value % alphabet.size()]);
    }
  }
  block.fill(std::byte{0});
  return text;
}

Secret make_subscriber_key(RandomSource& random) {
  std::string text;
  text.reserve(subscriber_key_length);
  text += subscriber_key_prefix;
  const Secret random_part(random_base62(random, random_length));
  text += random_part.reveal();
  const Checksum checksum = checksum_of(text);
  text.append(checksum.data(), checksum.size());
  return Secret(std::move(text));
}

Sha256 digest_of_key(const Pepper& pepper, std::string_view key) { return pepper.hmac.of(key); }

}  // namespace packyard
