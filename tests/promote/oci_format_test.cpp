#include "promote/oci_format.h"

#include "promote/oci_documents.h"
#include "promote/rollback.h"
#include "promote/withdrawal.h"
#include "tests/promote/image_press_fixture.h"

namespace packyard {
namespace {

class OciFormatTest : public ImagePressFixture {
 protected:
  std::string refusal() {
    const auto outcome = promote();
    EXPECT_TRUE(outcome) << outcome.error().message;
    if (!outcome) return outcome.error().message;
    EXPECT_FALSE(outcome->release);
    std::string text;
    for (const auto& finding : outcome->findings) text += finding.subject + ": " + finding.problem + "\n";
    return text;
  }
  // How many manifests of a type are attached to a digest.
  std::size_t attached(const std::string& digest, std::string_view type) const {
    std::size_t count = 0;
    const JsonNode document = repository_document();
    for (const auto& entry : document.find("manifests")->items) {
      const JsonNode* subject = entry.find("subject");
      count += subject != nullptr && subject->text == digest && entry.find("artifact_type")->text == type ? 1 : 0;
    }
    return count;
  }
  std::size_t layers_of_signature(const std::string& digest) const {
    const std::string manifest = tag("sha256-" + digest.substr(7) + ".sig");
    if (manifest.empty()) return 0;
    return parse_json(read(public_ / "pool/oci/core/2025/server/manifests/sha256" / manifest.substr(7)))
        ->find("layers")
        ->items.size();
  }
};

TEST_F(OciFormatTest, AnImageIsPublishedBesidePackagesInOneRelease) {
  stage_package("acme", "1.0");
  stage_image("1.4.2.tar", multi_platform_tar());
  stage_image("1.4.2.spdx.json", R"({"spdxVersion":"SPDX-2.3"})");
  EXPECT_EQ(publish(), 1u);
  expect_whole();
  EXPECT_EQ(listed("rpm/core/2025/el9-x86_64").size(), 1u);
  const std::string top = tag("1.4.2");
  ASSERT_FALSE(top.empty());
  EXPECT_EQ(layers_of_signature(top), 1u);
  const std::string contents = read(public_ / "current/oci/core/2025/server/contents.json");
  EXPECT_NE(contents.find("\"name\":\"server:1.4.2\",\"version\":\"" + top + "\",\"architecture\":\"amd64,arm64\""),
            std::string::npos);
  for (const auto& name : pool()) {
    if (name.starts_with("oci/")) {
      EXPECT_NE(contents.find("pool/" + name), std::string::npos) << name;
    }
  }
}

TEST_F(OciFormatTest, AnotherTagOnTheSameDigestAppendsItsSignature) {
  const std::string tar = image_tar(amd64);
  stage_image("1.4.2.tar", tar);
  publish();
  stage_image("1.4.tar", tar);
  publish();
  EXPECT_EQ(tag("1.4"), tag("1.4.2"));
  EXPECT_EQ(layers_of_signature(tag("1.4")), 2u);
  expect_whole();
}

TEST_F(OciFormatTest, PlatformsStagedApartBecomeOneIndex) {
  stage_image("2.0_amd64.tar", image_tar(amd64));
  stage_image("2.0_aarch64.tar", image_tar(arm64));
  publish();
  expect_whole();
  const auto index = parse_json(read(public_ / "pool/oci/core/2025/server/manifests/sha256" / tag("2.0").substr(7))).value();
  EXPECT_EQ(index.find("manifests")->items.size(), 2u);
}

TEST_F(OciFormatTest, ATagStaysUnlessItFloats) {
  stage_image("1.0.tar", image_tar(amd64, "a"));
  stage_image("latest.tar", image_tar(amd64, "a"));
  publish();
  const std::string first = tag("latest");
  stage_image("1.0.tar", image_tar(amd64, "b"));
  EXPECT_NE(refusal().find("the tag server:1.0 was published before"), std::string::npos);
  std::filesystem::remove_all(staging_folder_ / "core");
  stage_image("latest.tar", image_tar(amd64, "b"));
  const auto outcome = promote().value();
  ASSERT_EQ(outcome.changes.size(), 1u);
  EXPECT_EQ(outcome.changes[0].kind, ChangeKind::moved);
  EXPECT_EQ(outcome.changes[0].previous_version, first);
  EXPECT_NE(tag("latest"), first);
  EXPECT_EQ(layers_of_signature(first), 2u) << "what was signed stays signed";
  expect_whole();  // the first image is held by digest

  const auto back = roll_back(*parts_, {}).value();
  ASSERT_TRUE(back.release);
  ASSERT_EQ(back.changes.size(), 1u);
  EXPECT_EQ(back.changes[0].kind, ChangeKind::moved);
  EXPECT_EQ(back.changes[0].version, first);
  EXPECT_EQ(tag("latest"), first);
  expect_whole();
}

TEST_F(OciFormatTest, ARestagedTagChangesNothing) {
  const std::string tar = image_tar(amd64);
  stage_image("1.0.tar", tar);
  publish();
  stage_image("1.0.tar", tar);
  const auto outcome = promote().value();
  EXPECT_TRUE(outcome.findings.empty());
  EXPECT_FALSE(outcome.release);
}

TEST_F(OciFormatTest, AnSbomJoinsAnImageThatIsPublished) {
  const std::string spdx = R"({"spdxVersion":"SPDX-2.3"})", cyclonedx = R"({"bomFormat":"CycloneDX","specVersion":"1.5"})";
  const std::string tar = image_tar(amd64);
  stage_image("1.0.spdx.json", spdx);
  EXPECT_NE(refusal().find("the tag server:1.0 is not published"), std::string::npos);
  std::filesystem::remove_all(staging_folder_ / "core");
  stage_image("1.0.tar", tar);
  publish();
  const std::string top = tag("1.0");
  EXPECT_EQ(attached(top, spdx_type), 0u);
  stage_image("1.0.spdx.json", spdx);
  const auto outcome = promote().value();
  ASSERT_TRUE(outcome.release);
  ASSERT_EQ(outcome.changes.size(), 1u);
  EXPECT_EQ(outcome.changes[0].kind, ChangeKind::resealed);
  EXPECT_EQ(outcome.changes[0].version, top);
  EXPECT_EQ(tag("1.0"), top);
  EXPECT_EQ(layers_of_signature(top), 1u) << "the image's own signature stays";
  EXPECT_EQ(attached(top, spdx_type), 1u);
  expect_whole();
  // With the image once more, and beside the first.
  stage_image("1.0.tar", tar);
  stage_image("1.0.spdx.json", spdx);
  stage_image("1.0.cdx.json", cyclonedx);
  publish();
  EXPECT_EQ(attached(top, spdx_type), 1u);
  EXPECT_EQ(attached(top, cyclonedx_type), 1u);
  expect_whole();
  // What is there already changes nothing, in whichever set of files it comes again.
  stage_image("1.0.spdx.json", spdx);
  EXPECT_FALSE(promote()->release);
  stage_image("1.0.tar", tar);
  EXPECT_FALSE(promote()->release);
  stage_image("1.0.tar", image_tar(amd64, "other"));
  EXPECT_NE(refusal().find("the tag server:1.0 was published before"), std::string::npos);
}

TEST_F(OciFormatTest, AnSbomThatJoinedStaysInARollback) {
  stage_image("1.0.tar", image_tar(amd64, "a"));
  publish();
  stage_image("1.0.spdx.json", R"({"spdxVersion":"SPDX-2.3"})");
  publish();
  const std::string top = tag("1.0");
  EXPECT_EQ(roll_back(*parts_, {{}, 1, OtherPromotions::kept}).error().code, ErrorCode::invalid) << "the same images";
  stage_image("1.1.tar", image_tar(amd64, "b"));
  publish();
  ASSERT_TRUE(roll_back(*parts_, {{}, 1, OtherPromotions::undone})->release);
  EXPECT_EQ(attached(top, spdx_type), 1u);
  expect_whole();
  ASSERT_TRUE(withdraw(*parts_, {"server:1.0", {}, WithdrawnBytes::kept_while_releases_need_them})->release);
  stage_image("1.0.cdx.json", R"({"bomFormat":"CycloneDX","specVersion":"1.5"})");
  EXPECT_NE(refusal().find("is not published"), std::string::npos);
}

TEST_F(OciFormatTest, APurgedTagTakesTheBytesThatNobodyElseNeeds) {
  stage_image("1.0.tar", image_tar(amd64, "a"));
  stage_image("1.1.tar", image_tar(amd64, "b"));
  publish();
  const std::string layer = "oci/core/2025/server/blobs/sha256/" + sha256(layer_tar("a")).hex();
  EXPECT_TRUE(pool().contains(layer));
  const auto outcome = withdraw(*parts_, {"server:1.0", {}, WithdrawnBytes::purged}).value();
  ASSERT_TRUE(outcome.release);
  EXPECT_FALSE(pool().contains(layer));
  EXPECT_EQ(tag("1.0"), "");
  EXPECT_NE(tag("1.1"), "");
  expect_whole();
  for (const auto& [name, bytes] : tree(staging_folder_ / ".archive")) EXPECT_FALSE(name.ends_with("/1.0.tar")) << name;
}

TEST_F(OciFormatTest, RetentionKeepsDigestsUnlessToldOtherwise) {
  settings_.retention.keep_for = std::chrono::hours{1};
  const auto publish_latest = [&](const std::string& text) {
    stage_image("latest.tar", image_tar(amd64, text));
    publish();
    clock_.set(Timestamp{clock_.now().seconds + 7'200});
  };
  for (const char* text : {"a", "b", "c", "d"}) publish_latest(text);
  const auto layer = [](const std::string& text) { return "oci/core/2025/server/blobs/sha256/" + sha256(layer_tar(text)).hex(); };
  EXPECT_TRUE(pool().contains(layer("a")));
  expect_whole();
  settings_.retention.untagged_images = UntaggedImages::remove;
  for (const char* text : {"e", "f", "g"}) {
    publish_latest(text);
    expect_whole();
  }
  EXPECT_FALSE(pool().contains(layer("a")));
  EXPECT_TRUE(pool().contains(layer("g")));
}

TEST_F(OciFormatTest, WhatIsWrongIsToldAndNothingIsPublished) {
  struct Case {
    std::string name, bytes, expected;
  };
  for (const Case& wrong :
       std::vector<Case>{{"1.0_s390x.tar", image_tar(amd64), "its name says s390x, the image inside is for amd64"},
                         {"1.0.tar", image_tar(amd64).substr(0, 3'000), "1.0.tar"},
                         {"1.0.spdx.json", R"({"spdxVersion":"x"})", "there is no image with it"},
                         {"1.0.tgz", "x", "is nothing that the format oci publishes"},
                         {"1.0.tar", "no tar at all", "1.0.tar"}}) {
    std::filesystem::remove_all(staging_folder_ / "core");
    stage_image(wrong.name, wrong.bytes);
    EXPECT_NE(refusal().find(wrong.expected), std::string::npos) << wrong.name << " " << wrong.expected;
  }
  std::filesystem::remove_all(staging_folder_ / "core");
  stage_image("1.0.tar", image_tar(amd64));
  stage_image("1.0_amd64.tar", image_tar(amd64));
  EXPECT_NE(refusal().find("stage either 1.0.tar or one"), std::string::npos);
  EXPECT_TRUE(pool().empty());
}

TEST_F(OciFormatTest, WithoutAKeyImagesAreRefused) {
  const OciFormat keyless(settings_, nullptr);
  parts_->formats = {&format_, &keyless};
  stage_image("1.0.tar", image_tar(amd64));
  EXPECT_NE(refusal().find("COSIGN_PRIVATE_KEY_FILE"), std::string::npos);
  // A dry run signs nothing: it is started without any key.
  const auto outcome = promote({{}, PromotionMode::dry_run, OlderVersions::refused}).value();
  EXPECT_TRUE(outcome.findings.empty());
  EXPECT_EQ(outcome.changes.size(), 1u);
}

TEST_F(OciFormatTest, AnImageThatNoSettingNamesIsRefused) {
  stage("core/2025/oci/agent", "1.0.tar", image_tar(amd64));
  EXPECT_NE(refusal().find("oci target agent is not in the settings"), std::string::npos);
}

TEST_F(OciFormatTest, RepositoriesShareNothing) {
  stage_image("1.0.tar", image_tar(amd64), "core");
  stage_image("1.0.tar", image_tar(amd64), "plus");
  publish();
  expect_whole("core");
  expect_whole("plus");
  EXPECT_NE(repository("core"), repository("plus"));
}

}  // namespace
}  // namespace packyard
