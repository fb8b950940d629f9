#include "core/address_range.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <span>

namespace packyard {
namespace {

constexpr std::size_t address_text_bytes_max = 45;  // INET6_ADDRSTRLEN without its NUL
constexpr unsigned v4_offset_bits = 96;
constexpr std::array<std::uint8_t, 12> v4_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

// Whether the first `bits` bits of both are the same.
bool same_start(const IpAddress& left, const IpAddress& right, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (std::memcmp(left.bytes.data(), right.bytes.data(), whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const unsigned mask = 0xFFu << (8 - bits % 8);
  return ((left.bytes[whole] ^ right.bytes[whole]) & mask & 0xFFu) == 0;
}

IpAddress network_of(const IpAddress& address, unsigned bits) {
  IpAddress network = address;
  for (unsigned bit = bits; bit < 128; ++bit)
    network.bytes[bit / 8] = static_cast<std::uint8_t>(network.bytes[bit / 8] & ~(0x80u >> (bit % 8)));
  return network;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.empty() || text.size() > address_text_bytes_max || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::array<char, address_text_bytes_max + 1> terminated{};
  std::ranges::copy(text, terminated.begin());
  IpAddress address;
  const bool has_colon = text.find(':') != std::string_view::npos;  // as one form alone has
  if (!has_colon) std::ranges::copy(v4_prefix, address.bytes.begin());
  const bool is_read = has_colon ? inet_pton(AF_INET6, terminated.data(), address.bytes.data()) == 1
                                 : inet_pton(AF_INET, terminated.data(), address.bytes.data() + v4_prefix.size()) == 1;
  return is_read ? std::optional(address) : std::nullopt;
}

bool IpAddress::is_v4() const { return std::ranges::equal(v4_prefix, std::span(bytes).first<v4_prefix.size()>()); }

std::string IpAddress::text() const {
  std::array<char, address_text_bytes_max + 1> buffer{};
  if (is_v4())
    inet_ntop(AF_INET, bytes.data() + v4_prefix.size(), buffer.data(), buffer.size());
  else
    inet_ntop(AF_INET6, bytes.data(), buffer.data(), buffer.size());
  return buffer.data();
}

Result<AddressRange> AddressRange::parse(std::string_view text) {
  const auto refuse = [](const char* why) { return fail(ErrorCode::invalid, why); };
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return refuse("an address range is written like 203.0.113.0/24, 2001:db8::/32 or 203.0.113.7");
  if (slash == std::string_view::npos) return AddressRange(*address, 128);
  // An address written with dots counts its length from there: so does "::ffff:10.0.0.0/104", from the front.
  const bool dotted_alone = address->is_v4() && text.find(':') == std::string_view::npos;
  const std::string_view digits = text.substr(slash + 1);
  unsigned length = 0;
  const auto [stopped, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  const bool is_number = failure == std::errc() && stopped == digits.data() + digits.size() && (digits[0] != '0' || digits.size() == 1);
  if (!is_number || length > (dotted_alone ? 32u : 128u))
    return refuse("the length of an address range is a number up to 32 (IPv4) or 128 (IPv6)");
  const unsigned bits = dotted_alone ? v4_offset_bits + length : length;
  if (network_of(*address, bits) != *address)
    return refuse("an address range has bits set behind its length: write the network, like 203.0.113.0/24, or one address");
  return AddressRange(*address, bits);
}

bool AddressRange::contains(const IpAddress& address) const {
  return address.is_v4() == is_v4() && same_start(base_, address, bits_);
}

std::string AddressRange::text() const {
  if (bits_ == 128) return base_.text();
  return is_v4() ? base_.text() + "/" + std::to_string(bits_ - v4_offset_bits) : base_.text() + "/" + std::to_string(bits_);
}

}  // namespace packyard
