#include "signer/cosign_documents.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base64.h"
#include "signer/pem.h"
#include "tests/support/fake_image_signer.h"
#include "tests/support/p256_verification.h"

namespace packyard {
namespace {

// Vectors that cosign 2.5.0 and 3.1.1 accepted: key, digest, both signatures and what they are over.
const std::string public_key =
    write_pem("PUBLIC KEY", *decode_base64("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuXBwIv05ONc3lcZeJFJDtcd1zB2PU4FDCS7AB3N95RMdPFNMM"
                                           "rmitLT06pl0oU9oHNA7Lbde2VmbhX7ecz6OWQ=="));
const Sha256 digest = *Sha256::parse_hex("e9612518da9c7f73deb4e0e296ab72b9cbe03fb8c1d930a62dd61ef3815c88aa");
constexpr const char* payload_signature =
    "MEUCIHP3W7sLbXtIwsas7TNRmpRDr3gNGw+GZWIcIvEtjVlHAiEA1Jw1tQ+FOXdwo1uOtTSoJ/aN/F19+1hejrdQFsDjBwI=";
constexpr const char* statement_signature =
    "MEQCIFkatVkju5KpZ9EIHYhczKDmrGAuM6nobCoL7XrjeAgtAiBdKjSEEH7I6voy2TO6WYbPU/p4FWkiWg2NPYsYzcQzXg==";

TEST(CosignDocuments, ThePayloadIsTheVectorsToTheByte) {
  const std::string payload = simple_signing_payload("registry.example:5000/oci/team/app:1.0", digest, {});
  EXPECT_EQ(payload.size(), 254U);
  EXPECT_EQ(sha256(payload).hex(), "0c9b6df183fe1798635f8056dff525e2c6db146dd32f0e02617dbeaf81767b81") << payload;
  EXPECT_TRUE(test::verifies(public_key, payload, *decode_base64(payload_signature)));
  EXPECT_FALSE(test::verifies(public_key, payload + " ", *decode_base64(payload_signature)));
}

TEST(CosignDocuments, TheStatementIsTheVectorsToTheByte) {
  const std::string statement = image_statement(digest, {});
  EXPECT_EQ(statement.size(), 230U);
  const std::string signed_bytes = dsse_signing_bytes(statement);
  EXPECT_TRUE(signed_bytes.starts_with("DSSEv1 28 application/vnd.in-toto+json 230 {\"_type\":"));
  EXPECT_EQ(sha256(signed_bytes).hex(), "e6ee7b11d66901b82af583fd9fa2439a3d8ad25e4623d513decedf004ad374ea") << statement;
  EXPECT_TRUE(test::verifies(public_key, signed_bytes, *decode_base64(statement_signature)));
  EXPECT_FALSE(test::verifies(public_key, statement, *decode_base64(statement_signature)));
}

TEST(CosignDocuments, TheBundleIsTheVectorsToTheByte) {
  const auto hint = key_hint(public_key);
  ASSERT_TRUE(hint);
  EXPECT_EQ(*hint, "wPKBligJyVDUAVYGE2VGYG1L4kA5MkbmvCZOBCWqD/I=");
  const std::string bundle = signature_bundle(image_statement(digest, {}), *decode_base64(statement_signature), *hint);
  EXPECT_EQ(bundle.size(), 659U);
  EXPECT_EQ(sha256(bundle).hex(), "b2c082a9296d72b006981bd0f7b79f77708192d13e839e5b89a4d34581e35564") << bundle;
}

TEST(CosignDocuments, AnnotationsAreSortedAndEscaped) {
  const SignatureAnnotations tag{{"tag", "1.4.2"}};
  EXPECT_TRUE(simple_signing_payload("h/r:1.4.2", digest, tag).ends_with(R"(,"optional":{"tag":"1.4.2"}})"));
  const SignatureAnnotations two{{"tag", "1.4.2"}, {"b\"", "\\"}};
  EXPECT_TRUE(simple_signing_payload("h/r:1.4.2", digest, two).ends_with(R"(,"optional":{"b\"":"\\","tag":"1.4.2"}})"));
  const auto statement = nlohmann::json::parse(image_statement(digest, two));
  EXPECT_EQ(statement["subject"].size(), 1U);
  EXPECT_EQ(statement["subject"][0]["annotations"], nlohmann::json({{"tag", "1.4.2"}, {"b\"", "\\"}}));
  EXPECT_EQ(statement["subject"][0]["digest"]["sha256"], digest.hex());
}

TEST(CosignDocuments, ABundleHoldsWhatItsSignatureIsOver) {
  FakeImageSigner signer;
  const std::string statement = image_statement(digest, {{"tag", "1.4.2"}});
  const auto signature = signer.sign(dsse_signing_bytes(statement));
  const auto hint = key_hint(signer.public_key());
  ASSERT_TRUE(signature && hint);
  const auto bundle = nlohmann::json::parse(signature_bundle(statement, *signature, *hint));
  const std::string payload = *decode_base64(bundle["dsseEnvelope"]["payload"].get<std::string>());
  EXPECT_EQ(payload, statement);
  EXPECT_TRUE(test::verifies(signer.public_key(), dsse_signing_bytes(payload),
                             *decode_base64(bundle["dsseEnvelope"]["signatures"][0]["sig"].get<std::string>())));
  EXPECT_FALSE(bundle["dsseEnvelope"]["signatures"][0].contains("keyid"));  // cosign 3.1.1 refuses one that is the hint
}

TEST(CosignDocuments, AHintNeedsAPublicKey) {
  EXPECT_EQ(key_hint("not a key").error().code, ErrorCode::invalid);
  EXPECT_EQ(key_hint(write_pem("PRIVATE KEY", "x")).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace packyard
