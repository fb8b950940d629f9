#include "core/openpgp_armor.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

// "hello world!" and its CRC-24, as gpg --enarmor writes them.
constexpr std::string_view block =
    "-----BEGIN PGP SIGNATURE-----\r\nVersion: x\r\n\r\naGVsbG8gd29y\nbGQh\n=s4Gu\n-----END PGP SIGNATURE-----\n";

std::string with_checksum(std::string_view checksum) {
  std::string text(block);
  const auto at = text.find("=s4Gu");
  return text.replace(at, 5, checksum);
}

TEST(OpenPgpArmor, ReadsBlocksAmongText) {
  const auto once = read_openpgp_armor(with_checksum(""), armored_signature);
  ASSERT_TRUE(once) << once.error().message;
  EXPECT_EQ(*once, "hello world!");
  const std::string twice = "before\n" + with_checksum("") + "between\n" + with_checksum("") + "after";
  EXPECT_EQ(read_openpgp_armor(twice, armored_signature), "hello world!hello world!");
  EXPECT_FALSE(read_openpgp_armor(with_checksum(""), armored_public_key));
}

TEST(OpenPgpArmor, ChecksTheChecksum) {
  EXPECT_FALSE(read_openpgp_armor(with_checksum("=AAAA"), armored_signature));
}

TEST(OpenPgpArmor, RefusesWhatIsNotBase64) {
  EXPECT_FALSE(read_openpgp_armor("-----BEGIN PGP SIGNATURE-----\n\n!!!!\n-----END PGP SIGNATURE-----\n", armored_signature));
  EXPECT_FALSE(read_openpgp_armor("-----BEGIN PGP SIGNATURE-----\n\nYWJj\n", armored_signature));
  EXPECT_FALSE(read_openpgp_armor("-----BEGIN PGP SIGNATURE-----\n\nY\n-----END PGP SIGNATURE-----\n", armored_signature));
  EXPECT_FALSE(read_openpgp_armor("-----BEGIN PGP SIGNATURE-----\n\nYQ==YQ==\n-----END PGP SIGNATURE-----\n", armored_signature));
  EXPECT_FALSE(read_openpgp_armor("-----BEGIN PGP SIGNATURE-----\nno empty line", armored_signature));
}

}  // namespace
}  // namespace packyard
