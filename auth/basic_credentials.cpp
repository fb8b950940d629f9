#include "auth/basic_credentials.h"

#include <cstdint>
#include <cstring>

namespace packyard {
namespace {

constexpr std::array<std::int8_t, 256> make_base64_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i) values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}
constexpr auto base64_values = make_base64_values();

bool is_basic_scheme(std::string_view text) {
  constexpr std::string_view scheme = "basic";
  if (text.size() != scheme.size()) return false;
  for (std::size_t i = 0; i < scheme.size(); ++i)
    if ((text[i] | 0x20) != scheme[i]) return false;
  return true;
}

}  // namespace

BasicCredentials::BasicCredentials(BasicCredentials&& other) noexcept : length_(other.length_), colon_(other.colon_) {
  std::memcpy(decoded_.data(), other.decoded_.data(), length_);
}

BasicCredentials::~BasicCredentials() {
  volatile char* bytes = decoded_.data();
  for (std::size_t i = 0; i < length_; ++i) bytes[i] = 0;
}

std::optional<BasicCredentials> BasicCredentials::parse(std::string_view header) {
  if (header.size() > authorization_bytes_max) return std::nullopt;
  const std::size_t space = header.find(' ');
  if (space == std::string_view::npos || !is_basic_scheme(header.substr(0, space))) return std::nullopt;
  // RFC 9110 allows several spaces after the scheme; the value itself holds none.
  const std::size_t start = header.find_first_not_of(' ', space);
  if (start == std::string_view::npos) return std::nullopt;
  BasicCredentials credentials;
  if (!credentials.decode(header.substr(start))) return std::nullopt;
  const std::string_view decoded(credentials.decoded_.data(), credentials.length_);
  for (const char c : decoded)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;  // a user name may be UTF-8 (RFC 7617 2.1)
  credentials.colon_ = decoded.find(':');
  if (credentials.colon_ == std::string_view::npos) return std::nullopt;
  return credentials;
}

// RFC 4648 section 4, padding required, unused bits zero.
bool BasicCredentials::decode(std::string_view base64) {
  if (base64.empty() || base64.size() % 4 != 0) return false;
  std::size_t padding = 0;
  while (padding < 2 && base64[base64.size() - 1 - padding] == '=') ++padding;
  const std::string_view digits = base64.substr(0, base64.size() - padding);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : digits) {
    const std::int8_t value = base64_values[static_cast<unsigned char>(c)];
    if (value < 0) return false;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      decoded_[length_++] = static_cast<char>((bits >> count) & 0xff);
    }
  }
  return (bits & ((1u << count) - 1)) == 0;
}

}  // namespace packyard
