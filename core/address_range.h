// IpAddress and AddressRange: an address (RFC 4291; IPv4 as ::ffff:a.b.c.d, so that both spellings are one address) and a block of
// them in CIDR form (RFC 4632): "203.0.113.0/24", "2001:db8::/32", or one address without a length. A range of one family never
// holds an address of the other. Plain values; parsing takes hostile bytes and never allocates for an address.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const IpAddress&) const = default;
  // Dotted or colon form alone: no port, zone, brackets or spaces.
  static std::optional<IpAddress> parse(std::string_view text);
  bool is_v4() const;
  std::string text() const;
};

class AddressRange {
 public:
  // Refuses bits behind the length ("10.0.0.1/8"): the network was meant, or the one address, and nobody can know which.
  static Result<AddressRange> parse(std::string_view text);
  bool contains(const IpAddress& address) const;
  std::string text() const;  // one address without its length
  auto operator<=>(const AddressRange&) const = default;

 private:
  AddressRange(const IpAddress& base, unsigned bits) : base_(base), bits_(bits) {}
  bool is_v4() const { return bits_ >= 96 && base_.is_v4(); }
  IpAddress base_;
  unsigned bits_ = 128;  // of the sixteen bytes
};

}  // namespace packyard
