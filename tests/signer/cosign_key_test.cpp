#include "signer/cosign_key.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base64.h"
#include "signer/pem.h"
#include "tests/support/p256_verification.h"
#include "tests/support/sequence_random_source.h"
#include "tests/support/test_keys.h"

namespace packyard {
namespace {

constexpr const char* data_password = "throw-away";

std::string data_file(const std::string& name) { return test::read_whole(test::source_folder() / "tests/data/cosign" / name); }

std::string body_of(const std::string& text) { return *read_pem(text, {"ENCRYPTED SIGSTORE PRIVATE KEY"}); }
std::string with_body(const std::string& body) { return write_pem("ENCRYPTED SIGSTORE PRIVATE KEY", body); }

std::string refusal(std::string_view text, const char* password = data_password) {
  const auto key = read_cosign_key(text, Secret(password));
  if (key) return "accepted";
  EXPECT_EQ(key.error().code, ErrorCode::invalid) << key.error().message;
  EXPECT_EQ(key.error().message.find(password), std::string::npos);
  return key.error().message;
}

// A key file whose JSON was changed at one place.
std::string changed(const std::string& what, const std::string& into) {
  std::string body = body_of(data_file("cosign2.key"));
  const std::size_t at = body.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return with_body(body.replace(at, what.size(), into));
}

TEST(CosignKey, ReadsWhatCosignMade) {
  for (const std::string name : {"cosign1", "cosign2", "cosign3"}) {
    const auto key = read_cosign_key(data_file(name + ".key"), Secret(data_password));
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->public_key(), data_file(name + ".pub"));
    EXPECT_TRUE(test::verifies(data_file(name + ".pub"), "blob", *key->sign("blob")));
  }
  const auto open_to_all = read_cosign_key(data_file("empty_password.key"), Secret());
  ASSERT_TRUE(open_to_all) << open_to_all.error().message;
  EXPECT_EQ(open_to_all->public_key(), data_file("empty_password.pub"));
}

TEST(CosignKey, ReadsOneLongLine) {
  const std::string text = "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n" + encode_base64(body_of(data_file("cosign3.key"))) +
                           "\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n";
  EXPECT_TRUE(read_cosign_key(text, Secret(data_password)));
}

TEST(CosignKey, WritesWhatEveryCosignLoads) {
  const auto key = P256Key::make();
  ASSERT_TRUE(key);
  SequenceRandomSource random;
  const auto text = write_cosign_key(*key, Secret("one two"), random);
  ASSERT_TRUE(text);
  const auto again = read_cosign_key(text->reveal(), Secret("one two"));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->public_key(), key->public_key());
  // cosign 1.x: this label and this cost only.
  const auto body = read_pem(text->reveal(), {"ENCRYPTED COSIGN PRIVATE KEY"});
  ASSERT_TRUE(body);
  EXPECT_TRUE(body->starts_with(
      R"({"kdf":{"name":"scrypt","params":{"N":32768,"r":8,"p":1},"salt":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYX)"
      R"(GBkaGxwdHh8="},"cipher":{"name":"nacl/secretbox","nonce":"ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3"},"ciphertext":")"))
      << *body;
  EXPECT_EQ(read_cosign_key_file(text->reveal())->ciphertext.size(), 154U);
  // Field by field in cosign's order, and as long as what cosign writes.
  EXPECT_EQ(body->size(), body_of(data_file("cosign2.key")).size());
  EXPECT_EQ(nlohmann::ordered_json::parse(*body).dump(), *body);
  EXPECT_EQ(text->reveal().find("one two"), std::string_view::npos);
}

TEST(CosignKey, TwoFilesOfOneKeyShareNothing) {
  const auto key = P256Key::make();
  SystemRandomSource random;
  const auto first = read_cosign_key_file(write_cosign_key(*key, Secret("x"), random)->reveal());
  const auto second = read_cosign_key_file(write_cosign_key(*key, Secret("x"), random)->reveal());
  EXPECT_NE(first->salt, second->salt);
  EXPECT_NE(first->nonce, second->nonce);
}

TEST(CosignKey, RefusesTheWrongPassword) {
  EXPECT_EQ(refusal(data_file("cosign2.key"), "another one"),
            "opening the cosign private key: the password does not open it, or it is damaged");
  EXPECT_NE(refusal(data_file("empty_password.key"), "x y").find("the password does not open it"), std::string::npos);
}

TEST(CosignKey, RefusesOtherAlgorithmsByName) {
  EXPECT_NE(refusal(data_file("rsa.key")).find("its algorithm is RSA"), std::string::npos);
  EXPECT_NE(refusal(data_file("ed25519.key")).find("its algorithm is ED25519"), std::string::npos);
  EXPECT_NE(refusal(data_file("p384.key")).find("its curve is secp384r1"), std::string::npos);
}

TEST(CosignKey, RefusesWhatIsNoCosignKey) {
  EXPECT_NE(refusal("").find("no PEM block found"), std::string::npos);
  EXPECT_NE(refusal(data_file("cosign2.pub")).find("block \"PUBLIC KEY\", expected"), std::string::npos);
  EXPECT_NE(refusal(write_pem("EC PRIVATE KEY", "x")).find("packyard signing-key new-cosign makes one"), std::string::npos);
  EXPECT_NE(refusal(std::string(64 * 1024 + 1, '\n')).find("larger than 64 KiB"), std::string::npos);
  EXPECT_NE(refusal(with_body("")).find("its JSON is damaged"), std::string::npos);
  EXPECT_NE(refusal(with_body("{")).find("its JSON is damaged"), std::string::npos);
  EXPECT_NE(refusal(with_body("[]")).find("names no key derivation"), std::string::npos);
  EXPECT_NE(refusal(with_body("{}")).find("names no key derivation"), std::string::npos);
  EXPECT_NE(refusal(with_body(std::string(20'000, '['))).find("its JSON is damaged"), std::string::npos);
  EXPECT_NE(refusal(with_body(body_of(data_file("cosign2.key")) + "{}")).find("its JSON is damaged"), std::string::npos);
}

TEST(CosignKey, RefusesOtherParameters) {
  for (const char* n : {"16384", "32767", "262144", "65536.0", "\"65536\"", "-65536", "1e999", "99999999999999999999999", "null"})
    EXPECT_NE(refusal(changed("65536", n)), "accepted") << n;
  EXPECT_NE(refusal(changed("65536", "16384")).find("unsupported scrypt parameters"), std::string::npos);
  EXPECT_NE(refusal(changed("\"r\":8", "\"r\":9")).find("unsupported scrypt parameters"), std::string::npos);
  EXPECT_NE(refusal(changed("\"p\":1", "\"p\":2")).find("unsupported scrypt parameters"), std::string::npos);
  EXPECT_NE(refusal(changed("scrypt", "pbkdf2")).find("names no key derivation \"scrypt\""), std::string::npos);
  EXPECT_NE(refusal(changed("nacl/secretbox", "aes")).find("names no cipher \"nacl/secretbox\""), std::string::npos);
}

TEST(CosignKey, RefusesOtherSizesAndDamagedBase64) {
  EXPECT_NE(refusal(changed("\"salt\":\"", "\"salt\":\"AAAA")).find("a salt of 35 bytes, expected 32"), std::string::npos);
  EXPECT_NE(refusal(changed("\"nonce\":\"", "\"nonce\":\"AAAA")).find("a nonce of 27 bytes, expected 24"), std::string::npos);
  EXPECT_NE(refusal(changed("\"nonce\":\"", "\"nonce\":\"*")).find("a nonce that is not base64"), std::string::npos);
  EXPECT_NE(refusal(changed("\"ciphertext\":\"", "\"ciphertext\":\"A")).find("a ciphertext that is not base64"),
            std::string::npos);
  EXPECT_NE(refusal(changed("\"ciphertext\":\"", "\"ciphertext\":\"AAAA")).find("the password does not open it"),
            std::string::npos);
  const std::string body = body_of(data_file("cosign2.key"));
  const std::string cut = body.substr(0, body.find("\"ciphertext\":\"")) + "\"ciphertext\":\"AAAAAAAAAAAAAAAAAAAAAA==\"}";
  EXPECT_NE(refusal(with_body(cut)).find("a ciphertext that is cut off"), std::string::npos);
  EXPECT_NE(refusal(changed("\"nonce\":\"", "\"nonce\":7,\"was\":\"")).find("has no text \"nonce\""), std::string::npos);
}

TEST(CosignKey, RefusesFieldsTooFewTooManyOrTwice) {
  EXPECT_NE(refusal(changed("\"kdf\"", "\"kdg\"")).find("names no key derivation"), std::string::npos);
  EXPECT_NE(refusal(changed("\"ciphertext\"", "\"text\"")).find("has no text \"ciphertext\""), std::string::npos);
  EXPECT_NE(refusal(changed("{\"kdf\"", "{\"more\":1,\"kdf\"")).find("fields that no cosign key has"), std::string::npos);
  EXPECT_NE(refusal(changed("\"p\":1", "\"p\":1,\"q\":{\"x\":1}")).find("fields that no cosign key has"), std::string::npos);
  EXPECT_NE(refusal(changed("\"p\":1", "\"p\":1,\"p\":1")).find("or one twice"), std::string::npos);
}

}  // namespace
}  // namespace packyard
