#include "core/percent_encoding.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

using namespace std::string_view_literals;

TEST(PercentEncoding, LeavesOnlyUnreservedBytes) {
  EXPECT_EQ(percent_encode("AZaz09-._~", Slash::is_encoded), "AZaz09-._~");
  EXPECT_EQ(percent_encode("ö=a b+c/%\x00\xff"sv, Slash::is_encoded), "%C3%B6%3Da%20b%2Bc%2F%25%00%FF");
  EXPECT_EQ(percent_encode("rpm/a b", Slash::stays), "rpm/a%20b");
}

TEST(PercentEncoding, ComesBackByteForByte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(percent_decode(percent_encode(all, Slash::is_encoded)), all);
  EXPECT_EQ(percent_decode("%2f%2F+"), "//+");
}

TEST(PercentEncoding, RefusesAPercentSignWithoutTwoDigits) {
  for (const std::string_view text : {"%", "%4", "a%", "%4g", "%g4", "%%41", "% 4"}) EXPECT_EQ(percent_decode(text), std::nullopt) << text;
}

}  // namespace
}  // namespace packyard
