#include "core/address_range.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

IpAddress address(std::string_view text) { return IpAddress::parse(text).value(); }
AddressRange range(std::string_view text) { return AddressRange::parse(text).value(); }

TEST(IpAddress, BothSpellingsOfAnIpv4AddressAreOne) {
  EXPECT_EQ(address("::ffff:192.0.2.1"), address("192.0.2.1"));
  EXPECT_EQ(address("::ffff:192.0.2.1").text(), "192.0.2.1");
  EXPECT_EQ(address("2001:DB8:0:0::1").text(), "2001:db8::1");
  EXPECT_TRUE(address("192.0.2.1").is_v4());
  EXPECT_FALSE(address("::1").is_v4());
}

TEST(IpAddress, TakesAnAddressAndNothingElse) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {""sv, "1.2.3"sv, "1.2.3.4.5"sv, "1.2.3.256"sv, "01.2.3.4"sv, " 1.2.3.4"sv, "1.2.3.4 "sv,
                                      "1.2.3.4:80"sv, "[::1]"sv, "fe80::1%eth0"sv, "localhost"sv, "1.2.3.4\0"sv,
                                      "0x7f.1"sv, "1.2.3.4/32"sv, ":::"sv, "unknown"sv})
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  EXPECT_FALSE(IpAddress::parse(std::string(10'000, '1')));
}

TEST(AddressRange, HoldsItsBlock) {
  EXPECT_TRUE(range("203.0.113.0/24").contains(address("203.0.113.255")));
  EXPECT_FALSE(range("203.0.113.0/24").contains(address("203.0.114.0")));
  EXPECT_TRUE(range("203.0.113.128/25").contains(address("203.0.113.129")));
  EXPECT_FALSE(range("203.0.113.128/25").contains(address("203.0.113.127")));
  EXPECT_TRUE(range("10.0.0.7").contains(address("::ffff:10.0.0.7")));
  EXPECT_FALSE(range("10.0.0.7").contains(address("10.0.0.6")));
  EXPECT_TRUE(range("2001:db8::/33").contains(address("2001:db8:7fff::1")));
  EXPECT_FALSE(range("2001:db8::/33").contains(address("2001:db8:8000::1")));
  EXPECT_TRUE(range("0.0.0.0/0").contains(address("255.255.255.255")));
}

TEST(AddressRange, OneFamilyNeverHoldsTheOther) {
  EXPECT_FALSE(range("::/0").contains(address("10.0.0.1")));
  EXPECT_TRUE(range("::/0").contains(address("2001:db8::1")));
  EXPECT_FALSE(range("0.0.0.0/0").contains(address("::1")));
  EXPECT_TRUE(range("::ffff:10.0.0.0/104").contains(address("10.1.2.3")));
}

TEST(AddressRange, IsShownAsItIsWritten) {
  for (const char* text : {"10.0.0.0/8", "10.0.0.7", "0.0.0.0/0", "2001:db8::/32", "::/0", "::1"}) EXPECT_EQ(range(text).text(), text);
  EXPECT_EQ(range("10.0.0.7/32").text(), "10.0.0.7");
  EXPECT_EQ(range("::ffff:10.0.0.0/104").text(), "10.0.0.0/8");
}

TEST(AddressRange, RefusesWhatCouldMeanTwoThings) {
  for (const char* text : {"", "/8", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/8/8",
                           "10.0.0.0/8 ", "10.0/8", "2001:db8::1/32", "::/129", "::/-1", "*", "10.0.0.0-10.0.0.9"})
    EXPECT_FALSE(AddressRange::parse(text)) << text;
}

}  // namespace
}  // namespace packyard
