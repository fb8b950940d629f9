#include "signer/p256_key.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <thread>

#include "core/base64.h"
#include "tests/support/fake_image_signer.h"
#include "tests/support/p256_verification.h"

namespace packyard {
namespace {

// PKCS#8 of a new key as OpenSSL makes it.
template <class... Rest>
std::string pkcs8_of(const char* algorithm, Rest... rest) {
  EVP_PKEY* const key = EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm, rest...);
  PKCS8_PRIV_KEY_INFO* const info = EVP_PKEY2PKCS8(key);
  unsigned char* der = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
  std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  PKCS8_PRIV_KEY_INFO_free(info);
  EVP_PKEY_free(key);
  return bytes;
}

std::string refusal(const std::string& pkcs8) {
  const auto key = P256Key::read(Secret(pkcs8));
  if (key) return "accepted";
  EXPECT_EQ(key.error().code, ErrorCode::invalid);
  return key.error().message;
}

TEST(P256Key, SignsWhatOpensslVerifies) {
  const auto key = P256Key::make();
  ASSERT_TRUE(key);
  for (const std::string& bytes : {std::string(), std::string("blob"), std::string(100'000, '\0')}) {
    const auto signature = key->sign(bytes);
    ASSERT_TRUE(signature);
    EXPECT_TRUE(test::verifies(key->public_key(), bytes, *signature));
    EXPECT_FALSE(test::verifies(key->public_key(), bytes + "x", *signature));
    EXPECT_FALSE(test::verifies(P256Key::make()->public_key(), bytes, *signature));
    EXPECT_LE(signature->size(), 72U);
  }
}

TEST(P256Key, IsTheSameAfterWritingAndReading) {
  const auto key = P256Key::make();
  ASSERT_TRUE(key);
  const auto pkcs8 = key->pkcs8();
  ASSERT_TRUE(pkcs8);
  EXPECT_EQ(pkcs8->reveal().size(), 138U);  // as Go writes it
  const auto again = P256Key::read(*pkcs8);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->public_key(), key->public_key());
  EXPECT_EQ(*again->pkcs8(), *pkcs8);
  EXPECT_TRUE(test::verifies(key->public_key(), "blob", *again->sign("blob")));
  EXPECT_EQ(key->public_key().size(), 178U);
}

TEST(P256Key, RefusesOtherAlgorithmsByName) {
  EXPECT_NE(
      refusal(pkcs8_of("RSA", static_cast<std::size_t>(2048))).find("its algorithm is RSA; images are signed with ECDSA P-256"),
      std::string::npos);
  EXPECT_NE(refusal(pkcs8_of("ED25519")).find("its algorithm is ED25519"), std::string::npos);
  EXPECT_NE(refusal(pkcs8_of("EC", "P-384")).find("its curve is secp384r1"), std::string::npos);
  EXPECT_NE(refusal(pkcs8_of("EC", "secp256k1")).find("its curve is secp256k1"), std::string::npos);
  EXPECT_EQ(refusal(pkcs8_of("EC", "P-256")), "accepted");
}

TEST(P256Key, RefusesDamage) {
  const std::string good = pkcs8_of("EC", "P-256");
  EXPECT_NE(refusal("").find("no private key in PKCS#8 form"), std::string::npos);
  EXPECT_NE(refusal("promotion").find("no private key in PKCS#8 form"), std::string::npos);
  EXPECT_NE(refusal(good + "x").find("no private key in PKCS#8 form"), std::string::npos);
  EXPECT_NE(refusal(good.substr(0, good.size() - 1)).find("no private key in PKCS#8 form"), std::string::npos);
  std::string other_half = good;
  const std::string stranger = pkcs8_of("EC", "P-256");
  other_half.replace(good.size() - 64, 64, stranger, stranger.size() - 64, 64);
  EXPECT_NE(refusal(other_half).find("do not belong together"), std::string::npos);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string damaged = good;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    const auto key = P256Key::read(Secret(damaged));  // what is accepted differs in a version number or padding at most
    EXPECT_TRUE(!key || key->public_key() == P256Key::read(Secret(good))->public_key()) << at;
  }
}

TEST(P256Key, RefusesACurveSpelledOut) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  ASSERT_EQ(EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit"), 1);
  PKCS8_PRIV_KEY_INFO* const info = EVP_PKEY2PKCS8(key);
  unsigned char* der = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
  EXPECT_NE(refusal(std::string(reinterpret_cast<char*>(der), static_cast<std::size_t>(size))), "accepted");
  OPENSSL_free(der);
  PKCS8_PRIV_KEY_INFO_free(info);
  EVP_PKEY_free(key);
}

TEST(P256Key, ManyThreadsSignAtOnce) {
  FakeImageSigner signer;
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread)
      threads.emplace_back([&signer, &good, thread] {
        for (int i = 0; i < 50; ++i) {
          const std::string bytes = std::to_string(thread * 1000 + i);
          const auto signature = signer.sign(bytes);
          if (signature && test::verifies(signer.public_key(), bytes, *signature)) ++good;
        }
      });
  }
  EXPECT_EQ(good, 200);
  signer.fail_from_now_on();
  EXPECT_FALSE(signer.sign("x"));
}

}  // namespace
}  // namespace packyard
