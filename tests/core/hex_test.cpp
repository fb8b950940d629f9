#include "core/hex.h"

#include <gtest/gtest.h>

#include <limits>

namespace packyard {
namespace {

using namespace std::string_view_literals;

TEST(Hex, WritesTwoDigitsForEachByte) {
  EXPECT_EQ(hex(""), "");
  EXPECT_EQ(hex("\x00\x7f\x80\xff"sv), "007f80ff");
  EXPECT_EQ(hex("\xab\xcd"sv, HexCase::upper), "ABCD");
}

TEST(Hex, ReadsItsOwnDigitsAndNoOtherByte) {
  int digits = 0;
  for (int c = std::numeric_limits<char>::min(); c <= std::numeric_limits<char>::max(); ++c)
    digits += hex_value(static_cast<char>(c)).has_value();
  EXPECT_EQ(digits, 22);
  for (unsigned value = 0; value < 256; ++value) {
    for (const HexCase digits_case : {HexCase::lower, HexCase::upper}) {
      std::string text;
      append_hex(text, static_cast<unsigned char>(value), digits_case);
      EXPECT_EQ(hex_value(text.at(0)).value() * 16 + hex_value(text.at(1)).value(), value);
    }
  }
}

}  // namespace
}  // namespace packyard
