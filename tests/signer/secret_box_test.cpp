#include "signer/secret_box.h"

#include <gtest/gtest.h>

#include <numeric>

#include "core/base64.h"

namespace packyard {
namespace {

SecretBox counting_box(ScryptCost cost) {
  SecretBox box;
  box.cost = cost;
  std::iota(box.salt.begin(), box.salt.end(), std::uint8_t{0});
  std::iota(box.nonce.begin(), box.nonce.end(), std::uint8_t{0});
  return box;
}

std::string hex(std::string_view bytes) {
  std::string text;
  char digits[3];
  for (const char c : bytes) {
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    text += digits;
  }
  return text;
}

struct Vector {
  ScryptCost cost;
  const char* key;
  const char* ciphertext;
};
// Salt 00…1f, nonce 00…17, plain text "promotion", password "testpw"; cosign 2.5.0 and 3.1.1 accept them.
const Vector vectors[] = {
    {ScryptCost::two_to_15, "71af517edf134c903c1f94cc0b0f5783afd857ab2910a4ac72e3e067c2950be2",
     "/Vz4HB/3Mn+gRlXqcyVUJouNxYuMpDluwA=="},
    {ScryptCost::two_to_16, "73f6644b1ac3012cf05eb2190ded31a470f392a72983b0ed42452f7926167be7",
     "ium5yiVpj4BOWm5J+q6dZcpWPHE8x20qRg=="},
};

TEST(SecretBox, AgreesWithTheVectors) {
  for (const Vector& vector : vectors) {
    SecretBox box = counting_box(vector.cost);
    const Secret password("testpw");
    const auto key = derive_box_key(password, box);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(hex(key->reveal()), vector.key);
    ASSERT_TRUE(seal_secret_box(box, Secret("promotion"), password));
    EXPECT_EQ(encode_base64(box.ciphertext), vector.ciphertext);
    const auto opened = open_secret_box(box, password);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->reveal(), "promotion");
  }
}

TEST(SecretBox, TheLargestCostHasItsMemory) {
  SecretBox box = counting_box(ScryptCost::two_to_17);
  ASSERT_TRUE(seal_secret_box(box, Secret("promotion"), Secret("")));
  EXPECT_EQ(open_secret_box(box, Secret(""))->reveal(), "promotion");
}

TEST(SecretBox, RefusesAnotherPasswordAndDamage) {
  SecretBox box = counting_box(ScryptCost::two_to_15);
  ASSERT_TRUE(seal_secret_box(box, Secret("promotion"), Secret("testpw")));
  const auto refusal = [](const SecretBox& damaged, const char* password) {
    const auto opened = open_secret_box(damaged, Secret(password));
    if (opened) return std::string("accepted");
    EXPECT_EQ(opened.error().code, ErrorCode::invalid);
    return opened.error().message;
  };
  EXPECT_NE(refusal(box, "testpx").find("the password does not open it"), std::string::npos);
  EXPECT_NE(refusal(box, "").find("the password does not open it"), std::string::npos);
  SecretBox changed = box;
  changed.ciphertext.back() = static_cast<char>(changed.ciphertext.back() ^ 1);
  EXPECT_NE(refusal(changed, "testpw").find("or it is damaged"), std::string::npos);
  changed = box;
  changed.nonce[23] ^= 1;
  EXPECT_NE(refusal(changed, "testpw").find("or it is damaged"), std::string::npos);
  changed = box;
  changed.ciphertext.resize(secret_box_tag_bytes - 1);
  EXPECT_NE(refusal(changed, "testpw").find("cut off"), std::string::npos);
}

}  // namespace
}  // namespace packyard
