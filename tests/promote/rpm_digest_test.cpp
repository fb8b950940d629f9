#include "promote/rpm_digest.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

std::string digest_of_abc(RpmDigestKind kind) {
  RpmDigest digest = RpmDigest::start(kind).value();
  digest.update("a");
  digest.update("bc");
  return digest.hex();
}

// RFC 1321 and FIPS 180: the digests of "abc".
TEST(RpmDigest, KnownAnswers) {
  EXPECT_EQ(digest_of_abc(RpmDigestKind::md5), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(digest_of_abc(RpmDigestKind::sha1), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(digest_of_abc(RpmDigestKind::sha224), "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
  EXPECT_EQ(digest_of_abc(RpmDigestKind::sha256), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_TRUE(digest_of_abc(RpmDigestKind::sha384).starts_with("cb00753f45a35e8bb5a03d699ac65007"));
  EXPECT_TRUE(digest_of_abc(RpmDigestKind::sha512).starts_with("ddaf35a193617abacc417349ae204131"));
}

TEST(RpmDigest, AnUnknownKindIsInvalid) {
  EXPECT_EQ(RpmDigest::start(static_cast<RpmDigestKind>(3)).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace packyard
