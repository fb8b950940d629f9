#include "promote/image_sealer.h"

#include "core/base64.h"
#include "core/tree_path.h"
#include "promote/oci_documents.h"
#include "signer/cosign_documents.h"
#include "tests/promote/image_press_fixture.h"
#include "tests/support/p256_verification.h"

namespace packyard {
namespace {

class ImageSealerTest : public ImagePressFixture {
 protected:
  ImageRecord seal(const std::vector<StagedSbom>& sboms = {}) {
    const auto one = sample_.image(amd64);
    sample_.name({sample_.index({one, sample_.attestation(one)})});
    const auto image = read_oci_image(sample_.archive).value();
    top_ = image.top.digest;
    auto record = ImageSealer(settings_, image_signer_, candidate_).seal({target_, "1.4.2", image, sboms, Timestamp{7}});
    EXPECT_TRUE(record) << record.error().message;
    return std::move(*record);
  }
  std::string blob(const Sha256& digest) const { return read(candidate_ / tree_path::oci_blob(target_, digest)); }
  std::string manifest(const Sha256& digest) const { return read(candidate_ / tree_path::oci_manifest(target_, digest)); }

  const TargetId target_ = TargetId::parse("oci/core/2025/server").value();
  const std::filesystem::path candidate_ = folder_ / "candidate";
  SampleArchive sample_;
  Sha256 top_;
};

TEST_F(ImageSealerTest, EveryManifestIsSignedInBothForms) {
  const ImageRecord record = seal();
  EXPECT_EQ(record.top, top_);
  EXPECT_EQ(record.signatures.size(), 3u);  // index, image, attestation
  for (const auto& entry : record.signatures) {
    const std::string payload = blob(entry.payload);
    EXPECT_EQ(payload, simple_signing_payload("pkg.example.org/core/2025/server:1.4.2", entry.digest, {{"tag", "1.4.2"}}));
    EXPECT_EQ(payload.size(), entry.payload_bytes);
    EXPECT_TRUE(test::verifies(image_signer_.public_key(), payload, decode_base64(entry.signature).value()));
  }
  std::set<Sha256> bundled;
  for (const auto& [digest, held] : record.manifests) {
    EXPECT_EQ(sha256(manifest(digest)), digest);
    if (!held.subject) continue;
    EXPECT_EQ(held.artifact_type, cosign::bundle_media_type);
    const auto document = parse_json(manifest(digest)).value();
    const auto bundle =
        parse_json(blob(Sha256::parse_hex(document.find("layers")->items[0].find("digest")->text.substr(7)).value()));
    const auto* envelope = bundle->find("dsseEnvelope");
    const std::string statement = decode_base64(envelope->find("payload")->text).value();
    EXPECT_EQ(statement, image_statement(*held.subject, {{"tag", "1.4.2"}}));
    EXPECT_TRUE(test::verifies(image_signer_.public_key(), dsse_signing_bytes(statement),
                               decode_base64(envelope->find("signatures")->items[0].find("sig")->text).value()));
    bundled.insert(*held.subject);
  }
  EXPECT_EQ(bundled.size(), 3u);
}

TEST_F(ImageSealerTest, OneFormAloneWhereTheSettingsSaySo) {
  settings_.signing.image_signatures = {ImageSignature::legacy};
  const ImageRecord record = seal();
  EXPECT_EQ(record.signatures.size(), 3u);
  EXPECT_EQ(record.manifests.size(), 3u);
}

TEST_F(ImageSealerTest, AnSbomIsAReferrerWhoseOwnManifestIsSigned) {
  const std::string sbom = R"({"spdxVersion":"SPDX-2.3"})";
  std::ofstream(folder_ / "sbom") << sbom;
  const ImageRecord record = seal({{spdx_type, folder_ / "sbom", {sha256(sbom), sbom.size()}}});
  std::optional<Sha256> attached;
  for (const auto& [digest, held] : record.manifests)
    if (held.artifact_type == spdx_type) attached = digest;
  ASSERT_TRUE(attached);
  EXPECT_EQ(record.manifests.at(*attached).subject, top_);
  EXPECT_EQ(blob(sha256(sbom)), sbom);
  const auto& last = record.signatures.back();
  EXPECT_EQ(last.digest, *attached);
  EXPECT_EQ(blob(last.payload),
            simple_signing_payload("pkg.example.org/core/2025/server@" + digest_text(*attached), *attached, {}));
}

TEST_F(ImageSealerTest, WhatIsPublishedAlreadyIsNotWrittenAgain) {
  const ImageRecord first = seal();
  std::filesystem::create_directories(public_);
  std::filesystem::rename(candidate_ / "pool", public_ / "pool");
  const ImageRecord again = seal();
  EXPECT_FALSE(std::filesystem::exists(candidate_ / tree_path::oci_manifest(target_, top_)));
  EXPECT_EQ(first.signatures[0].payload, again.signatures[0].payload);
}

TEST_F(ImageSealerTest, AKeyThatIsAwayFailsTheSealing) {
  sample_.name({sample_.image(amd64)});
  const auto image = read_oci_image(sample_.archive).value();
  image_signer_.fail_from_now_on();
  const auto record = ImageSealer(settings_, image_signer_, candidate_).seal({target_, "1", image, {}, Timestamp{7}});
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace packyard
