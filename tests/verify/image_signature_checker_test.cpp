#include "verify/image_signature_checker.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_images.h"

namespace packyard {
namespace {

using test::TestImages;
using test::TestImagesChange;
using Json = TestImages::Json;

std::string listing(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings) text += finding.subject + ": " + finding.problem + "\n";
  return text;
}

class ImageSignatureCheckerTest : public testing::Test {
 protected:
  std::vector<Finding> findings_of(const TestImagesChange& change, const std::string& site = TestImages::site,
                                   const std::vector<ImageSignature>& forms = {ImageSignature::legacy, ImageSignature::bundle}) {
    const TestImages images(folder_ / "images", change);
    const TargetId target = TargetId::parse(TestImages::target).value();
    const PublishedTree tree(images.published(), std::nullopt);
    const ManualClock clock(Timestamp{TestImages::published_at + 60});
    Findings findings;
    OciRepositoryReader reader(target, tree, clock, findings);
    EXPECT_TRUE(reader.read(TestImages::generation(), 1));
    const ImageTrust trust{ImageKey::load(images.image_key()).value(), site, forms};
    ImageSignatureChecker checker(trust, reader, findings);
    checker.check();
    checked_ = checker.checked();
    return findings.take();
  }
  static void expect_found(const std::string& name, const std::vector<Finding>& findings, const std::string& subject,
                           const std::string& problem) {
    const bool found = std::ranges::any_of(findings, [&](const Finding& finding) {
      return finding.subject.find(subject) != std::string::npos && finding.problem.find(problem) != std::string::npos;
    });
    EXPECT_TRUE(found) << name << ": wanted " << subject << ": " << problem << ", got\n" << listing(findings);
  }
  void expect_found(const char* document, const std::function<void(Json&)>& change, const std::string& subject,
                    const std::string& problem) {
    const std::string wanted = document;
    expect_found(document,
                 findings_of({[&](const std::string& name, Json& json) {
                                if (name == wanted) change(json);
                              },
                              {},
                              {}}),
                 subject, problem);
  }

  TemporaryFolder folder_;
  std::uint64_t checked_ = 0;
  const std::string tag_ = std::string(TestImages::target) + ":1.4.2";
};

TEST_F(ImageSignatureCheckerTest, FindsNothingInAGoodRepository) {
  EXPECT_EQ(listing(findings_of({})), "");
  EXPECT_EQ(checked_, 2u * (4 + 4 + 1 + 1 + 1));  // index and three below it for two tags, "old", "gone", the SBOM
}

TEST_F(ImageSignatureCheckerTest, DemandsEveryManifestOfATagInBothForms) {
  for (const char* name : {"index", "amd64", "arm64", "attestation"}) {
    const std::string about = std::string(name) + " 1.4.2";
    expect_found(about, findings_of({{}, {"legacy " + about}, {}}), tag_, "has no legacy signature for this tag");
    expect_found(about, findings_of({{}, {"bundle " + about}, {}}), tag_, "has no bundle for this tag");
  }
  const auto platform = findings_of({{}, {"legacy arm64 1.4.2"}, {}});
  ASSERT_EQ(platform.size(), 1u);
  EXPECT_NE(platform[0].problem.find("(linux/arm64)"), std::string::npos);
  expect_found("sbom legacy", findings_of({{}, {"legacy sbom"}, {}}), "manifests/sha256/", "has no legacy signature");
  expect_found("sbom bundle", findings_of({{}, {"bundle sbom"}, {}}), "manifests/sha256/", "has no bundle");
  // What no tag leads to any more need not be signed.
  EXPECT_EQ(listing(findings_of({{}, {"legacy gone latest", "bundle gone latest"}, {}})), "");
}

TEST_F(ImageSignatureCheckerTest, DemandsOnlyTheFormsThatArePromised) {
  std::set<std::string> all_bundles, all_legacy;
  for (const char* about : {"index 1.4.2", "amd64 1.4.2", "arm64 1.4.2", "attestation 1.4.2", "index latest", "amd64 latest",
                            "arm64 latest", "attestation latest", "old 1.3.0", "gone latest", "sbom"}) {
    all_bundles.insert("bundle " + std::string(about));
    all_legacy.insert("legacy " + std::string(about));
  }
  EXPECT_EQ(listing(findings_of({{}, all_bundles, {}}, TestImages::site, {ImageSignature::legacy})), "");
  EXPECT_EQ(listing(findings_of({{}, all_legacy, {}}, TestImages::site, {ImageSignature::bundle})), "");
  EXPECT_NE(findings_of({{}, all_bundles, {}}, TestImages::site, {ImageSignature::bundle}).size(), 0u);
  // One bundle hides the legacy signatures from cosign 3.
  all_bundles.erase("bundle amd64 latest");
  expect_found("another tag's bundle", findings_of({{}, all_bundles, {}}, TestImages::site, {ImageSignature::legacy}), tag_,
               "has no bundle for this tag");
}

TEST_F(ImageSignatureCheckerTest, FindsAnotherKey) {
  for (const char* about : {"index 1.4.2", "arm64 latest", "gone latest", "sbom"}) {
    expect_found(about, findings_of({{}, {}, {std::string("legacy ") + about}}), ".sig", "is not signed by cosign.pub");
    expect_found(about, findings_of({{}, {}, {std::string("bundle ") + about}}), "manifests/sha256/",
                 "is not signed by cosign.pub");
  }
  // And such a signature does not count.
  expect_found("legacy", findings_of({{}, {}, {"legacy index 1.4.2"}}), tag_, "has no legacy signature for this tag");
  expect_found("bundle", findings_of({{}, {}, {"bundle index 1.4.2"}}), tag_, "has no bundle for this tag");
}

TEST_F(ImageSignatureCheckerTest, FindsClaimsAboutSomethingElse) {
  const std::string hex(64, '0');
  const auto critical = [](const char* part, const char* name, const std::string& value) {
    return [=](Json& j) { j["critical"][part][name] = value; };
  };
  expect_found("payload index 1.4.2", critical("image", "docker-manifest-digest", "sha256:" + hex), ".sig", "signs sha256:000");
  const auto reference = [&](const std::string& value) { return critical("identity", "docker-reference", value); };
  for (const char* other :
       {"pkg.example.org/core/2025/server", "pkg.example.org/core/2025/server:1.4.3", "pkg.example.org/plus/2025/server:1.4.2",
        "/core/2025/server:1.4.2", "x/pkg.example.org/core/2025/server:1.4.2", ""})
    expect_found("payload index 1.4.2", reference(other), ".sig", "none of this repository");
  expect_found(
      "payload index 1.4.2",
      [](Json& j) {
        j["optional"] = {{"tag", "latest"}};
      },
      ".sig", "none of this repository");
  expect_found(
      "payload index 1.4.2", [](Json& j) { j["optional"] = nullptr; }, ".sig", "none of this repository");
  expect_found(
      "payload index 1.4.2", [](Json& j) { j.erase("optional"); }, ".sig", "the payload's fields");
  expect_found(
      "payload index 1.4.2", [](Json& j) { j["critical"]["type"] = "x"; }, ".sig", "the type");
  expect_found("payload sbom", reference("pkg.example.org/core/2025/server:1.4.2"), ".sig", "none of this repository");
  expect_found(
      "statement index 1.4.2", [&](Json& j) { j["subject"][0]["digest"]["sha256"] = hex; }, "manifests/sha256/",
      "but signs sha256:000");
  expect_found(
      "statement index 1.4.2", [](Json& j) { j["subject"][0]["annotations"]["tag"] = "latest"; }, tag_, "has no bundle");
  expect_found(
      "statement index 1.4.2", [](Json& j) { j["predicateType"] = "https://slsa.dev/provenance/v1"; }, "manifests/sha256/",
      "predicateType is not that of a signature");
  expect_found(
      "bundle index 1.4.2", [](Json& j) { j["more"] = 1; }, "manifests/sha256/", "the bundle's fields");
  expect_found(
      "bundle index 1.4.2", [](Json& j) { j["verificationMaterial"]["publicKey"]["hint"] = "x"; }, "manifests/sha256/", "hint");
}

TEST_F(ImageSignatureCheckerTest, FindsAMovedTag) {
  // The tag points to an image that was signed for another one.
  const TestImagesChange moved{[](const std::string& name, Json& json) {
                                 if (name == "repository") json["tags"]["1.4.2"] = json["tags"]["1.3.0"];
                               },
                               {},
                               {}};
  expect_found("legacy", findings_of(moved), tag_, "has no legacy signature for this tag");
  expect_found("bundle", findings_of(moved), tag_, "has no bundle for this tag");
}

TEST_F(ImageSignatureCheckerTest, ComparesTheSite) {
  const auto findings = findings_of({}, "pkg.example.net");
  expect_found(
      "other site", findings, tag_,
      "has no legacy signature for this tag; one names pkg.example.org/core/2025/server:1.4.2, the settings name the site "
      "'pkg.example.net'");
  EXPECT_EQ(findings.size(), 4u + 4 + 1 + 1);  // each listed manifest and the SBOM; what is gone is not asked for
}

TEST_F(ImageSignatureCheckerTest, FindsSignatureManifestsThatSkopeoRefuses) {
  const auto layer = [](const char* name, const std::string& value) { return [=](Json& j) { j["layers"][0][name] = value; }; };
  expect_found("manifest sig index", layer("mediaType", "x/y"), ".sig", "has a layer of type x/y");
  expect_found(
      "manifest sig index", [](Json& j) { j["layers"][0].erase("annotations"); }, ".sig", "without a signature");
  expect_found(
      "manifest sig index", [](Json& j) { j["layers"][0]["annotations"].begin().value() = "*"; }, ".sig", "not base64");
  expect_found(
      "manifest sig index", [](Json& j) { j["layers"] = Json::array(); }, tag_, "has no legacy signature");
  expect_found(
      "manifest sig index", [](Json& j) { j["config"]["mediaType"] = "x/y"; }, ".sig", "has a config of type x/y");
  expect_found(
      "manifest sig index", [](Json& j) { j["subject"] = j["config"]; }, ".sig", "has a subject");
  expect_found(
      "entry sig index", [](Json& j) { j["media_type"] = "application/vnd.docker.distribution.manifest.v2+json"; }, ".sig",
      "is not an OCI image manifest");
}

TEST_F(ImageSignatureCheckerTest, FindsOtherReferrers) {
  const char* bundle = "manifest bundle index 1.4.2";
  expect_found(
      bundle, [](Json& j) { j["artifactType"] = "application/vnd.dev.sigstore.bundle.v0.2+json"; }, "manifests/sha256/",
      "is not the manifest of one bundle");
  expect_found(
      bundle, [](Json& j) { j["layers"].push_back(j["layers"][0]); }, "manifests/sha256/", "is not the manifest of one");
  expect_found(
      bundle, [](Json& j) { j["config"]["mediaType"] = "x/y"; }, "manifests/sha256/", "is not the manifest of one");
  expect_found(
      bundle, [](Json& j) { j["artifactType"] = "x/y"; }, "manifests/sha256/", "is not the manifest of one");
  expect_found(
      bundle, [](Json& j) { j.erase("annotations"); }, "manifests/sha256/", "lacks the annotations");
  expect_found(
      bundle, [](Json& j) { j.erase("subject"); }, "manifests/sha256/", "without a subject");
  expect_found(
      bundle, [](Json& j) { j["subject"]["digest"] = "sha256:" + std::string(64, '0'); }, "manifests/sha256/",
      "signs a manifest that is not held");
  expect_found(
      "manifest sbom", [](Json& j) { j["artifactType"] = "x/y"; }, "manifests/sha256/", "is neither a signature nor a bill");
  expect_found(
      "manifest sbom", [](Json& j) { j["subject"]["digest"] = "sha256:" + std::string(64, '0'); }, "manifests/sha256/",
      "is attached to an image that is not held");
  // What is part of an image may have a subject, with a tag or without one: its signatures say what it is.
  for (const char* document : {"manifest attestation", "manifest index", "manifest old", "manifest gone"}) {
    const auto with_subject = findings_of({[&](const std::string& name, Json& json) {
                                             if (name == document) json["subject"] = TestImages::descriptor("x/y", sha256("x"), 1);
                                           },
                                           {},
                                           {}});
    EXPECT_EQ(listing(with_subject), "") << document;
  }
}

TEST_F(ImageSignatureCheckerTest, FindsOtherBytes) {
  for (const char* name : {"payload index 1.4.2", "envelope index 1.4.2"}) {
    const TestImages images(folder_ / "harmed");
    images.flip_last_byte(images.blob(name));
    const TargetId target = TargetId::parse(TestImages::target).value();
    const PublishedTree tree(images.published(), std::nullopt);
    const ManualClock clock(Timestamp{TestImages::published_at + 60});
    Findings findings;
    OciRepositoryReader reader(target, tree, clock, findings);
    ASSERT_TRUE(reader.read(TestImages::generation(), 1));
    const ImageTrust trust{
        ImageKey::load(images.image_key()).value(), TestImages::site, {ImageSignature::legacy, ImageSignature::bundle}};
    ImageSignatureChecker(trust, reader, findings).check();
    const auto found = findings.take();
    expect_found(name, found, images.blob(name), "are promised");
    expect_found(name, found, tag_, " for this tag");
  }
}

}  // namespace
}  // namespace packyard
