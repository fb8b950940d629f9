#include "core/digest.h"

#include <gtest/gtest.h>

#include <fstream>

namespace packyard {
namespace {

constexpr const char* digest_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, MatchesTheStandardsVector) {
  EXPECT_EQ(sha256("abc").hex(), digest_of_abc);
  Sha256Stream stream;
  stream.update("a");
  stream.update("bc");
  EXPECT_EQ(stream.finish().hex(), digest_of_abc);
}

TEST(Sha256, ParsesOnlyLowerCaseHex) {
  EXPECT_EQ(Sha256::parse_hex(digest_of_abc).value(), sha256("abc"));
  EXPECT_FALSE(Sha256::parse_hex("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"));
  EXPECT_FALSE(Sha256::parse_hex("ba78"));
}

TEST(HmacSha256, MatchesRfc4231) {
  const HmacSha256 hmac(Secret("Jefe"));
  constexpr const char* expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  EXPECT_EQ(hmac.of("what do ya want for nothing?").hex(), expected);
  EXPECT_EQ(hmac.of("what do ya want for nothing?").hex(), expected);
  const HmacSha256 long_key(Secret(std::string(131, '\xaa')));
  EXPECT_EQ(long_key.of("Test Using Larger Than Block-Size Key - Hash Key First").hex(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Md5Stream, MatchesRfc1321) {
  Md5Stream stream;
  stream.update("message");
  stream.update(" digest");
  EXPECT_EQ(stream.finish(), "\xf9\x6b\x69\x7d\x7c\xb7\x93\x8d\x52\x5a\x2f\x31\xaa\xf1\x61\xd0");
}

TEST(DigestFile, CountsAndHashes) {
  const auto file = std::filesystem::path(testing::TempDir()) / "digest_file_test";
  std::ofstream(file) << "abc";
  const auto digest = digest_file(file);
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->size_bytes, 3u);
  EXPECT_EQ(digest->sha256.hex(), digest_of_abc);
  EXPECT_EQ(digest_file("/does/not/exist").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace packyard
