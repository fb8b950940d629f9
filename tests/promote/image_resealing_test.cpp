#include "promote/image_resealing.h"

#include "core/tree_path.h"
#include "promote/oci_documents.h"
#include "promote/release_history.h"
#include "promote/withdrawal.h"
#include "signer/cosign_documents.h"
#include "tests/promote/image_press_fixture.h"
#include "verify/image_signature_checker.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

// The judge of these tests also checks signatures, with the key of the day, as packyard verify does.
class ImageResealingTest : public ImagePressFixture {
 protected:
  ImageResealingTest() {
    settings_.retention.keep_for = std::chrono::hours{1};
    parts_->verify = [this](const VerifyRequest& request) -> Result<VerifyReport> {
      auto report = judge(request);
      if (!report) return report;
      const std::string link = tree_path::release_target(*request.release, target_);
      if (fs::is_symlink(*request.candidate / link))
        for (auto& finding : signature_findings(PublishedTree(request.published, request.candidate), link))
          report->findings.push_back(std::move(finding));
      return report;
    };
  }

  std::vector<Finding> signature_findings(const PublishedTree& tree, const std::string& link) {
    const std::string number = fs::path(tree.link(link).value()).filename().string();
    std::ofstream(folder_ / "cosign.pub") << signer().public_key();
    const ImageTrust trust{ImageKey::load(folder_ / "cosign.pub").value(), settings_.site, settings_.signing.image_signatures};
    Findings findings;
    OciRepositoryReader reader(target_, tree, clock_, findings);
    EXPECT_TRUE(reader.read("generations/" + target_.text() + "/" + number + "/", std::stoul(number)));
    ImageSignatureChecker(trust, reader, findings).check();
    return findings.take();
  }

  ImageSigner& signer() { return is_new_key_ ? new_signer_ : image_signer_; }
  void take_new_key() {
    is_new_key_ = true;
    parts_->formats = {&format_, &new_images_};
  }
  void expect_resealed() {
    const auto outcome = reseal_images(*parts_, {});
    ASSERT_TRUE(outcome) << outcome.error().message;
    for (const auto& finding : outcome->findings) ADD_FAILURE() << finding.subject << ": " << finding.problem;
    ASSERT_TRUE(outcome->release);
    expect_whole();
  }
  std::string refusal() {
    const auto outcome = promote().value();
    EXPECT_FALSE(outcome.release);
    return outcome.findings.empty() ? "" : outcome.findings.front().problem;
  }
  // What is attached to a digest, by type.
  std::multiset<std::string> referrers(const std::string& digest) const {
    std::multiset<std::string> types;
    const JsonNode document = repository_document();
    for (const auto& entry : document.find("manifests")->items)
      if (entry.find("subject") != nullptr && entry.find("subject")->text == digest)
        types.insert(entry.find("artifact_type")->text);
    return types;
  }
  std::string signature_tag_of(const std::string& digest) const { return tag("sha256-" + digest.substr(7) + ".sig"); }
  std::set<std::string> records() const {
    std::set<std::string> names;
    for (const auto& name : pool())
      if (name.find("/images/") != std::string::npos) names.insert(fs::path(name).filename().string());
    return names;
  }
  void stage_and_publish(const std::string& name, const std::string& text) {
    stage_image(name + ".tar", image_tar(amd64, text));
    publish();
  }
  void pass_hours() { clock_.set(Timestamp{clock_.now().seconds + 7'200}); }

  const TargetId target_ = TargetId::parse("oci/core/2025/server").value();
  FakeImageSigner new_signer_;
  OciFormat new_images_{settings_, &new_signer_};
  bool is_new_key_ = false;
};

TEST_F(ImageResealingTest, ANewKeySignsEveryTagAnewAndTheImagesStay) {
  stage_image("1.0.tar", multi_platform_tar());
  stage_image("1.0.spdx.json", R"({"spdxVersion":"SPDX-2.3"})");
  publish();
  stage_and_publish("latest", "a");
  const std::string top = tag("1.0"), latest = tag("latest"), signatures = signature_tag_of(top);
  const auto attached = referrers(top);
  take_new_key();
  stage_image("1.1.tar", image_tar(amd64, "b"));
  const std::string told = refusal();
  const std::string command = "packyard release refresh --images --component core --year 2025 --target server";
  EXPECT_NE(told.find(command), std::string::npos) << told;
  EXPECT_NE(told.find("the tag 1.0 and 1 more"), std::string::npos) << told;
  EXPECT_EQ(live(), 2u);

  expect_resealed();
  EXPECT_EQ(tag("1.0"), top);
  EXPECT_EQ(tag("latest"), latest);
  EXPECT_NE(signature_tag_of(top), signatures);
  EXPECT_EQ(referrers(top), attached);
  EXPECT_EQ(attached.count(std::string(spdx_type)), 1u);
  publish();
  EXPECT_NE(tag("1.1"), "");
}

TEST_F(ImageResealingTest, ANewSiteIsNamedInEverySignature) {
  stage_and_publish("1.0", "a");
  settings_.site = "new.example.org";
  stage_image("1.1.tar", image_tar(amd64, "b"));
  EXPECT_NE(refusal().find("release refresh --images"), std::string::npos);
  expect_resealed();
  publish();
}

TEST_F(ImageResealingTest, AFormIsAddedAndTakenAway) {
  settings_.signing.image_signatures = {ImageSignature::legacy};
  stage_and_publish("1.0", "a");
  const std::string top = tag("1.0");
  EXPECT_TRUE(referrers(top).empty());
  settings_.signing.image_signatures = {ImageSignature::legacy, ImageSignature::bundle};
  stage_image("1.1.tar", image_tar(amd64, "b"));
  EXPECT_NE(refusal().find("release refresh --images"), std::string::npos);
  expect_resealed();
  EXPECT_EQ(referrers(top).size(), 1u);
  publish();
  settings_.signing.image_signatures = {ImageSignature::legacy};
  expect_resealed();
  EXPECT_TRUE(referrers(top).empty());
}

// With a bundle there, cosign 3 wants one for each tag.
TEST_F(ImageResealingTest, AnotherTagOfAnImageWithBundlesNeedsOne) {
  stage_and_publish("1.0", "a");
  settings_.signing.image_signatures = {ImageSignature::legacy};
  stage_and_publish("1.1", "b");
  stage_image("stable.tar", image_tar(amd64, "a"));
  EXPECT_NE(refusal().find("release refresh --images"), std::string::npos);
  expect_resealed();
  publish();
}

TEST_F(ImageResealingTest, WhatIsSignedAsItShouldBeIsPassedOver) {
  EXPECT_FALSE(reseal_images(*parts_, {})->release) << "nothing was published yet";
  stage_and_publish("1.0", "a");
  EXPECT_FALSE(reseal_images(*parts_, {})->release);
  EXPECT_EQ(live(), 1u);
  take_new_key();
  Scope other;
  other.target = TargetName::parse("agent").value();
  EXPECT_FALSE(reseal_images(*parts_, other)->release);
  const auto outcome = reseal_images(*parts_, {}).value();
  ASSERT_EQ(outcome.changes.size(), 1u);
  EXPECT_EQ(outcome.changes[0].kind, ChangeKind::resealed);
  EXPECT_EQ(compare_releases(*parts_, 1, 2)->at(0).kind, ChangeKind::resealed);
  EXPECT_EQ(compare_releases(*parts_, 1, 2)->size(), 1u);
  EXPECT_FALSE(reseal_images(*parts_, {})->release);
  EXPECT_EQ(show_release(*parts_, 2)->release.kind, ReleaseKind::refresh);
}

TEST_F(ImageResealingTest, WhatVerifyRefusesIsNotPublished) {
  stage_and_publish("1.0", "a");
  const auto before = tree(public_);
  take_new_key();
  verify_findings_ = {{"x", "is wrong"}};
  EXPECT_EQ(reseal_images(*parts_, {})->findings.size(), 1u);
  EXPECT_EQ(tree(public_), before);
  verify_findings_.clear();
  new_signer_.fail_from_now_on();
  EXPECT_EQ(reseal_images(*parts_, {}).error().code, ErrorCode::unavailable);
  EXPECT_EQ(tree(public_), before);
}

TEST_F(ImageResealingTest, ADamagedManifestIsNotSigned) {
  stage_and_publish("1.0", "a");
  const std::string path = "pool/oci/core/2025/server/manifests/sha256/" + tag("1.0").substr(7);
  std::ofstream(public_ / path) << "{}";
  take_new_key();
  EXPECT_EQ(reseal_images(*parts_, {}).error().code, ErrorCode::corrupt);
}

TEST_F(ImageResealingTest, ARollbackKeepsTheSignaturesOfToday) {
  stage_and_publish("latest", "a");
  const std::string first = tag("latest");
  stage_and_publish("latest", "b");
  const std::string second = tag("latest");
  take_new_key();
  expect_resealed();
  EXPECT_EQ(roll_back(*parts_, {{}, 2, OtherPromotions::kept}).error().code, ErrorCode::invalid) << "the same but for signatures";
  const auto back = roll_back(*parts_, {}).value();
  EXPECT_TRUE(back.findings.empty());
  EXPECT_EQ(back.from, 1u);
  EXPECT_EQ(tag("latest"), first);
  expect_whole();
  EXPECT_TRUE(roll_back(*parts_, {{}, 3, OtherPromotions::kept})->release);
  EXPECT_EQ(tag("latest"), second);
  EXPECT_TRUE(roll_back(*parts_, {{}, 1, OtherPromotions::undone})->release);
  EXPECT_EQ(tag("latest"), first);
}

TEST_F(ImageResealingTest, WhatIsStagedAgainIsKnown) {
  stage_and_publish("1.0", "a");
  take_new_key();
  expect_resealed();
  stage_image("1.0.tar", image_tar(amd64, "a"));
  const auto outcome = promote().value();
  EXPECT_TRUE(outcome.findings.empty());
  EXPECT_FALSE(outcome.release);
  stage_image("1.0.tar", image_tar(amd64, "b"));
  EXPECT_NE(refusal().find("the tag server:1.0 was published before"), std::string::npos);
  fs::remove_all(staging_folder_ / "core");
  stage_and_publish("latest", "c");
  take_new_key();
  stage_and_publish("latest", "d");
  stage_and_publish("latest", "c");
  EXPECT_EQ(records().size(), 4u);  // 1.0 twice
}

TEST_F(ImageResealingTest, ATagThatWasTakenBackIsPromotedAgainWithTheSignaturesOfToday) {
  stage_and_publish("1.0", "a");
  stage_and_publish("1.1", "b");
  ASSERT_TRUE(roll_back(*parts_, {})->release);
  take_new_key();
  expect_resealed();
  EXPECT_EQ(tag("1.1"), "");
  stage_and_publish("1.1", "b");
  EXPECT_NE(tag("1.1"), "");
  expect_whole();
}

TEST_F(ImageResealingTest, AWithdrawnImageIsNotSignedAnew) {
  stage_image("1.0.tar", image_tar(amd64, "a"));
  stage_image("1.0.spdx.json", R"({"spdxVersion":"SPDX-2.3"})");
  publish();
  stage_and_publish("1.1", "b");
  const std::string top = tag("1.0");
  ASSERT_TRUE(withdraw(*parts_, {"server:1.0", {}, WithdrawnBytes::kept_while_releases_need_them})->release);
  take_new_key();
  expect_resealed();
  EXPECT_NE(repository_document().find("manifests")->find(top), nullptr) << "the digest stays";
  EXPECT_TRUE(referrers(top).empty());
  EXPECT_EQ(signature_tag_of(top), "");
  EXPECT_FALSE(reseal_images(*parts_, {})->release);
  stage_image("1.0.tar", image_tar(amd64, "a"));
  EXPECT_NE(refusal(), "");
}

TEST_F(ImageResealingTest, OldSignaturesGoWithTheReleasesThatHadThem) {
  stage_and_publish("latest", "a");
  const std::string layer = "oci/core/2025/server/blobs/sha256/" + sha256(layer_tar("a")).hex();
  stage_and_publish("latest", "b");
  const auto before = pool();
  pass_hours();
  take_new_key();
  expect_resealed();
  EXPECT_EQ(records().size(), 4u);
  for (const auto& name : before) EXPECT_TRUE(pool().contains(name)) << name;
  for (int i = 0; i < 4; ++i) {
    pass_hours();
    stage_and_publish("1." + std::to_string(i), "b" + std::to_string(i));
    expect_whole();
  }
  EXPECT_EQ(records().size(), 2u + 4u);
  EXPECT_TRUE(pool().contains(layer)) << "digests stay readable";
  const std::string contents = read(public_ / "current/oci/core/2025/server/contents.json");
  std::size_t unlisted = 0;
  for (const auto& name : pool()) unlisted += contents.find("pool/" + name) == std::string::npos ? 1 : 0;
  EXPECT_LE(unlisted, 2u * 2u);  // signature manifests of the release before
}

TEST_F(ImageResealingTest, APurgeTakesEveryRecordOfTheTag) {
  stage_and_publish("1.0", "a");
  stage_and_publish("1.1", "b");
  take_new_key();
  expect_resealed();
  ASSERT_TRUE(withdraw(*parts_, {"server:1.0", {}, WithdrawnBytes::purged})->release);
  for (const auto& name : records()) EXPECT_TRUE(name.starts_with("1.1-")) << name;
  EXPECT_FALSE(pool().contains("oci/core/2025/server/blobs/sha256/" + sha256(layer_tar("a")).hex()));
  expect_whole();
}

TEST_F(ImageResealingTest, WhatWasWithdrawnAndSignedBeforeCanStillBePurged) {
  stage_and_publish("1.0", "a");
  stage_and_publish("1.1", "b");
  ASSERT_TRUE(withdraw(*parts_, {"server:1.0", {}, WithdrawnBytes::kept_while_releases_need_them})->release);
  take_new_key();
  expect_resealed();
  ASSERT_TRUE(withdraw(*parts_, {"server:1.0", {}, WithdrawnBytes::purged})->release);
  EXPECT_FALSE(pool().contains("oci/core/2025/server/blobs/sha256/" + sha256(layer_tar("a")).hex()));
  expect_whole();
}

}  // namespace
}  // namespace packyard
