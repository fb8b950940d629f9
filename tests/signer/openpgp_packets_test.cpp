#include "signer/openpgp_packets.h"

#include <gtest/gtest.h>

#include "core/openpgp_armor.h"
#include "tests/support/test_keys.h"

namespace packyard {
namespace {

std::vector<OpenPgpPacket> packets_of(const std::string& bytes) { return read_openpgp_packets(bytes).value(); }
std::string key_bytes(const std::string& name) {
  return read_openpgp_armor(test::read_whole(test::public_key_file(name)), armored_public_key).value();
}

TEST(OpenPgpPackets, ReadsAnRsaKeyWithSubkey) {
  const std::string bytes = key_bytes("release");
  const auto packets = packets_of(bytes);
  ASSERT_EQ(packets.size(), 5u);
  EXPECT_EQ(packets[0].tag, openpgp_tag::public_key);
  EXPECT_EQ(packets[1].tag, openpgp_tag::user_id);
  EXPECT_EQ(packets[3].tag, openpgp_tag::public_subkey);
  const auto key = read_openpgp_public_key(packets[0].body).value();
  EXPECT_EQ(key.version, 4);
  EXPECT_EQ(key.algorithm, 1);
  EXPECT_EQ(key.bits, 4096u);
  EXPECT_EQ(key.created, 1735689600);
  const auto certification = read_openpgp_signature(packets[2].body).value();
  EXPECT_EQ(certification.type, 0x13);
  EXPECT_EQ(certification.hash_algorithm, 10);
  EXPECT_EQ(certification.issuer_key_id, key.fingerprint.substr(24));
  EXPECT_FALSE(certification.key_expires_after);
  const auto binding = read_openpgp_signature(packets[4].body).value();
  EXPECT_EQ(binding.type, 0x18);
  EXPECT_EQ(binding.back_signature_hash_algorithm, 10);
}

TEST(OpenPgpPackets, ReadsExpiryCurvesAndOldDigests) {
  const std::string expired = key_bytes("expired"), curve = key_bytes("ed25519"), sha1 = key_bytes("sha1");
  EXPECT_EQ(read_openpgp_signature(packets_of(expired)[2].body).value().key_expires_after, 365 * 86400);
  EXPECT_EQ(read_openpgp_public_key(packets_of(curve)[0].body).value().curve, "ed25519");
  EXPECT_EQ(read_openpgp_signature(packets_of(sha1)[2].body).value().hash_algorithm, 2);
}

TEST(OpenPgpPackets, RefusesEveryTruncation) {
  const std::string bytes = key_bytes("stranger");
  std::size_t accepted = 0;
  for (std::size_t length = 1; length < bytes.size(); ++length)
    if (read_openpgp_packets(std::string_view(bytes).substr(0, length))) ++accepted;
  EXPECT_EQ(accepted, 2u);  // exactly after the key and after the user id
  EXPECT_FALSE(read_openpgp_packets("text"));
  EXPECT_FALSE(read_openpgp_packets("\xc2\xe0"));  // partial length
  EXPECT_FALSE(read_openpgp_signature(""));
  EXPECT_FALSE(read_openpgp_signature(std::string_view("\x04\x00\x01\x08\xff\xff", 6)));
  EXPECT_FALSE(read_openpgp_public_key("\x04"));
}

}  // namespace
}  // namespace packyard
