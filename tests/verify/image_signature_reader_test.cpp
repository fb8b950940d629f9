#include "verify/image_signature_reader.h"

#include <gtest/gtest.h>

#include "core/base64.h"
#include "signer/cosign_documents.h"
#include "signer/p256_key.h"

namespace packyard {
namespace {

// Made with tools of others and accepted by cosign 2.5.0 and 3.1.1 (../shared/facts, cosign-oci.md section 10).
constexpr const char* vector_key =
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuXBwIv05ONc3lcZeJFJDtcd1zB2P\n"
    "U4FDCS7AB3N95RMdPFNMMrmitLT06pl0oU9oHNA7Lbde2VmbhX7ecz6OWQ==\n-----END PUBLIC KEY-----\n";
const std::string vector_hex = "e9612518da9c7f73deb4e0e296ab72b9cbe03fb8c1d930a62dd61ef3815c88aa";
const std::string vector_payload = R"({"critical":{"identity":{"docker-reference":"registry.example:5000/oci/team/app:1.0"},)"
                                   R"("image":{"docker-manifest-digest":"sha256:)" +
                                   vector_hex + R"("},"type":"cosign container image signature"},"optional":null})";
constexpr const char* vector_signature =
    "MEUCIHP3W7sLbXtIwsas7TNRmpRDr3gNGw+GZWIcIvEtjVlHAiEA1Jw1tQ+FOXdwo1uOtTSoJ/aN/F19+1hejrdQFsDjBwI=";
const std::string vector_statement =
    R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":")" + vector_hex +
    R"("},"annotations":{}}],"predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}})";
const std::string vector_bundle =
    R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":)"
    R"("wPKBligJyVDUAVYGE2VGYG1L4kA5MkbmvCZOBCWqD/I="}},"dsseEnvelope":{"payload":")" +
    encode_base64(vector_statement) +
    R"(","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":")"
    R"(MEQCIFkatVkju5KpZ9EIHYhczKDmrGAuM6nobCoL7XrjeAgtAiBdKjSEEH7I6voy2TO6WYbPU/p4FWkiWg2NPYsYzcQzXg=="}]}})";

TEST(ImageSignatureReader, AcceptsWhatCosignAccepts) {
  ASSERT_EQ(sha256(vector_payload).hex(), "0c9b6df183fe1798635f8056dff525e2c6db146dd32f0e02617dbeaf81767b81");
  ASSERT_EQ(sha256(vector_bundle).hex(), "b2c082a9296d72b006981bd0f7b79f77708192d13e839e5b89a4d34581e35564");
  EXPECT_EQ(sha256(dsse_encoding(vector_statement)).hex(), "e6ee7b11d66901b82af583fd9fa2439a3d8ad25e4623d513decedf004ad374ea");
  const auto key = ImageKey::parse(vector_key).value();
  const auto legacy = read_legacy_signature(key, vector_payload, vector_signature);
  ASSERT_TRUE(legacy) << legacy.error().message;
  EXPECT_EQ(*legacy, (ImageClaim{Sha256::parse_hex(vector_hex).value(), "registry.example:5000/oci/team/app:1.0", std::nullopt}));
  const auto bundle = read_bundle(key, vector_bundle);
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_EQ(*bundle, (ImageClaim{Sha256::parse_hex(vector_hex).value(), "", std::nullopt}));
}

TEST(ImageSignatureReader, AgreesWithWhatTheSignerWrites) {
  const auto pair = P256Key::make();
  const auto key = ImageKey::parse(pair->public_key()).value();
  const Sha256 digest = sha256("x");
  const ImageClaim claim{digest, "h/core/2025/server:1.4.2", "1.4.2"};
  const std::string payload = simple_signing_payload(claim.reference, digest, {{"tag", "1.4.2"}});
  EXPECT_EQ(read_legacy_signature(key, payload, encode_base64(pair->sign(payload).value())), claim);
  const std::string statement = image_statement(digest, {{"tag", "1.4.2"}});
  const auto bundle = [&](const std::string& hint) {
    return signature_bundle(statement, pair->sign(dsse_encoding(statement)).value(), hint);
  };
  EXPECT_EQ(read_bundle(key, bundle(key.hint())), (ImageClaim{digest, "", "1.4.2"}));
  EXPECT_NE(read_bundle(key, bundle("other")).error().message.find("hint"), std::string::npos);
}

TEST(ImageSignatureReader, RefusesOtherKeysAndOtherBytes) {
  const auto key = ImageKey::parse(vector_key).value(), other = ImageKey::parse(P256Key::make()->public_key()).value();
  const std::string refusal = "is not signed by cosign.pub";
  EXPECT_EQ(read_legacy_signature(other, vector_payload, vector_signature).error().message, refusal);
  EXPECT_EQ(read_legacy_signature(key, vector_payload + " ", vector_signature).error().message, refusal);
  EXPECT_FALSE(read_legacy_signature(key, vector_payload, std::string(vector_signature) + "\n"));
  EXPECT_EQ(read_bundle(other, vector_bundle).error().message, refusal);
  std::string changed = vector_statement;
  changed.replace(changed.find("e961"), 4, "e962");
  std::string bundle = vector_bundle;
  bundle.replace(bundle.find(encode_base64(vector_statement)), encode_base64(vector_statement).size(), encode_base64(changed));
  EXPECT_EQ(read_bundle(key, bundle).error().message, refusal);
}

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

using Changes = std::initializer_list<std::pair<const char*, const char*>>;

TEST(ImageSignatureReader, ReadsPayloadsAsStrictlyAsSkopeo) {
  EXPECT_EQ(read_simple_signing(changed(vector_payload, "null", R"({"tag":"1.0"})"))->tag, "1.0");
  EXPECT_FALSE(read_simple_signing(changed(vector_payload, "null", "{}"))->tag);
  for (const auto& [from, to] :
       Changes{{",\"optional\":null", ""},
               {"null", "[]"},
               {"null", "{\"tag\":1}"},
               {"null", "{\"creator\":\"x\"}"},
               {"null", "{\"tag\":\"1\",\"x\":\"y\"}"},
               {"null", "null,\"more\":1"},
               {"cosign container image signature", "atomic container signature"},
               {"\"type\":", "\"kind\":"},
               {"\"type\":", "\"more\":1,\"type\":"},
               {"\"type\":", "\"type\":\"cosign container image signature\",\"type\":"},
               {"sha256:", "sha512:"},
               {"sha256:", ""},
               {"\"docker-manifest-digest\":", "\"more\":1,\"docker-manifest-digest\":"},
               {"\"docker-reference\":", "\"more\":1,\"docker-reference\":"},
               {"\"docker-reference\":\"registry.example:5000/oci/team/app:1.0\"", "\"docker-reference\":1"},
               {"\"identity\":{", "\"identity\":[{"}})
    EXPECT_FALSE(read_simple_signing(changed(vector_payload, from, to))) << from << " -> " << to;
}

TEST(ImageSignatureReader, ReadsStatementsAsStrictlyAsCosign) {
  EXPECT_TRUE(read_statement(changed(vector_statement, ",\"predicate\":{}", "")));
  EXPECT_TRUE(read_statement(changed(vector_statement, ",\"annotations\":{}", "")));
  EXPECT_EQ(read_statement(changed(vector_statement, "\"annotations\":{}", R"("annotations":{"tag":"1.0"})"))->tag, "1.0");
  for (const auto& [from, to] : Changes{{"Statement/v1", "Statement/v0.1"},
                                        {"cosign/sign/v1", "cosign/attest/v1"},
                                        {"\"predicate\":{}", "\"predicate\":{\"x\":1}"},
                                        {"\"predicate\":{}", "\"predicate\":{},\"more\":1"},
                                        {"\"predicate\":{}", "\"predicates\":{}"},
                                        {"\"subject\":[", "\"subject\":[{\"digest\":{\"sha256\":\"00\"}},"},
                                        {"\"sha256\":", "\"sha512\":"},
                                        {"\"sha256\":\"", "\"sha256\":\"sha256:"},
                                        {"\"annotations\":{}", "\"annotations\":{\"tag\":[]}"},
                                        {"\"annotations\":{}", "\"annotations\":{},\"name\":\"x\""},
                                        {"\"digest\":{", "\"digest\":{\"sha1\":\"x\","}})
    EXPECT_FALSE(read_statement(changed(vector_statement, from, to))) << from << " -> " << to;
}

TEST(ImageSignatureReader, ReadsBundlesAsStrictlyAsCosign) {
  EXPECT_TRUE(read_bundle_envelope(vector_bundle));
  EXPECT_TRUE(read_bundle_envelope(changed(vector_bundle, "{\"sig\":", "{\"keyid\":\"\",\"sig\":")));
  for (const auto& [from, to] : Changes{{"bundle.v0.3", "bundle.v0.2"},
                                        {"\"dsseEnvelope\"", "\"messageSignature\""},
                                        {"\"dsseEnvelope\"", "\"more\":1,\"dsseEnvelope\""},
                                        {"\"publicKey\":{", "\"tlogEntries\":[],\"publicKey\":{"},
                                        {"\"hint\":", "\"rawBytes\":"},
                                        {"{\"sig\":", "{\"keyid\":\"x\",\"sig\":"},
                                        {"{\"sig\":\"ME", "{\"sig\":\"*E"},
                                        {"\"signatures\":[", "\"signatures\":[{\"sig\":\"\"},"},
                                        {"\"payload\":\"", "\"payload\":\"="},
                                        {"vnd.in-toto+json", "json"}})
    EXPECT_FALSE(read_bundle_envelope(changed(vector_bundle, from, to))) << from << " -> " << to;
  std::string many(signature_bytes_max + 1, ' ');
  EXPECT_FALSE(read_bundle_envelope(vector_bundle + many));
}

}  // namespace
}  // namespace packyard
