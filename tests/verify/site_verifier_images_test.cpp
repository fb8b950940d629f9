// The site verifier on a release with images.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_images.h"
#include "tests/support/test_keys.h"
#include "verify/site_verifier.h"
#include "verify/target_verifier.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;
using test::TestImages;
using test::TestImagesChange;
using Json = TestImages::Json;

std::string listing(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings) text += finding.subject + ": " + finding.problem + "\n";
  return text;
}

class SiteVerifierImagesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { signer_ = test::open_test_signer("release"); }
  static void TearDownTestSuite() { signer_.reset(); }

  VerifyRequest request_for(const TestImages& images) const {
    VerifyRequest request;
    request.published = images.published();
    request.public_keys = images.keys();
    request.image_key = images.image_key();
    request.site = TestImages::site;
    return request;
  }
  VerifyReport verify(const VerifyRequest& request) const {
    SystemCommandRunner runner;
    const ManualClock clock(Timestamp{TestImages::published_at + 60});
    auto report = SiteVerifier(runner, clock).verify(request);
    EXPECT_TRUE(report) << report.error().message;
    return report ? std::move(*report) : VerifyReport();
  }
  // The same target without its release, whose OpenPGP signatures take most of the time.
  static std::vector<Finding> target_findings(const TestImages& images) {
    const auto keys = PublicKeys::load(test::public_key_file("release")).value();
    const PublishedTree tree(images.published(), std::nullopt);
    SystemCommandRunner runner;
    SignatureReader signatures(runner, keys);
    const ManualClock clock(Timestamp{TestImages::published_at + 60});
    Findings findings;
    const ImageTrust trust{
        ImageKey::load(images.image_key()).value(), TestImages::site, {ImageSignature::legacy, ImageSignature::bundle}};
    const TargetId target = TargetId::parse(TestImages::target).value();
    const ReleasedGeneration generation{1, images.contents_digest()};
    TargetVerifier verifier({tree, keys, signatures, clock, findings, trust}, target, generation);
    verifier.check_indexes();
    BlobChecker(tree, findings).check(verifier.take_blobs(), PackageDepth::whole, {});
    return findings.take();
  }
  // What is found when one document is changed while the tree is made, or the tree harmed afterwards.
  void expect_found(const char* name, const TestImagesChange& change, const std::function<void(const TestImages&)>& harm,
                    const std::string& subject, const std::string& problem) {
    const TestImages images(folder_ / "images", change);
    if (harm) harm(images);
    expect_found(name, target_findings(images), subject, problem);
  }
  static void expect_found(const char* name, const std::vector<Finding>& findings, const std::string& subject,
                           const std::string& problem) {
    const bool found = std::ranges::any_of(findings, [&](const Finding& finding) {
      return finding.subject.find(subject) != std::string::npos && finding.problem.find(problem) != std::string::npos;
    });
    EXPECT_TRUE(found) << name << ": wanted " << subject << ": " << problem << ", got\n" << listing(findings);
  }
  static TestImagesChange contents(const std::function<void(Json&)>& change) {
    return {[=](const std::string& name, Json& json) {
              if (name == "contents") change(json);
            },
            {},
            {}};
  }

  static inline std::unique_ptr<GpgSigner> signer_;
  TemporaryFolder folder_;
};

TEST_F(SiteVerifierImagesTest, FindsNothingInAGoodSite) {
  const TestImages images(folder_ / "images");
  images.release(*signer_);
  const auto report = verify(request_for(images));
  EXPECT_EQ(listing(report.findings), "");
  EXPECT_EQ(report.targets, 1u);
  EXPECT_EQ(report.packages, 3u);
  EXPECT_EQ(report.indexes, 7u + 11 + 7);  // manifests of images, bundles and signature tags
  EXPECT_EQ(report.signatures, 22u + 2);   // and release.json twice: as the release, and as one that is retained
  EXPECT_GT(report.bytes, fs::file_size(images / images.blob("layer gzip")) + fs::file_size(images / images.blob("layer zstd")));
}

TEST_F(SiteVerifierImagesTest, FindsWhatContentsJsonSaysWrongly) {
  expect_found("no objects", contents([](Json& j) { j.erase("objects"); }), {}, "contents.json", "has no objects");
  expect_found("object missing", contents([](Json& j) { j["objects"].erase(5); }), {}, "sha256/",
               "is no object in contents.json");
  expect_found("object more", contents([](Json& j) {
                 j["objects"].push_back(j["objects"][5]);
                 j["objects"].back()["path"] =
                     std::string("pool/") + TestImages::target + "/blobs/sha256/" + std::string(64, '0');
               }),
               {}, "/000000", "repository.json does not hold it");
  expect_found("object elsewhere",
               contents([](Json& j) { j["objects"][5]["path"] = "pool/oci/plus/2025/server/blobs/sha256/x"; }), {},
               "pool/oci/plus", "repository.json does not hold it");
  expect_found("object size", contents([](Json& j) { j["objects"][5]["size_bytes"] = 7; }), {}, "sha256/",
               "another digest or size");
  expect_found("object digest", contents([](Json& j) { j["objects"][5]["sha256"] = std::string(64, '0'); }), {}, "sha256/",
               "another digest or size");
  expect_found("record of the gone missing", contents([](Json& j) { j["objects"].erase(0); }), {}, "manifests/sha256/",
               "no tag leads to it and no record explains it");
  expect_found("record twice", contents([](Json& j) { j["objects"][0]["path"] = j["packages"][0]["path"]; }), {}, "images/1.4.2-",
               "both a package and an object");
  expect_found("tag missing", contents([](Json& j) { j["packages"].erase(0); }), {}, "contents.json",
               "does not list the tag 1.4.2");
  expect_found("tag that is none", contents([](Json& j) {
                 j["packages"][0]["path"] = std::string("pool/") + TestImages::target + "/images/9-0123456789abcdef.json";
               }),
               {}, "images/9-", "repository.json has no such tag");
  expect_found("no record", contents([](Json& j) { j["packages"][0]["path"] = j["objects"][5]["path"]; }), {}, "sha256/",
               "is no image record");
  expect_found("name", contents([](Json& j) { j["packages"][0]["name"] = "server:1"; }), {}, "images/1.4.2-",
               "is named server:1 in");
  expect_found("version", contents([](Json& j) { j["packages"][0]["version"] = j["packages"][2]["version"]; }), {},
               "images/1.4.2-", "the tag points to sha256:");
  expect_found("architecture", contents([](Json& j) { j["packages"][0]["architecture"] = "amd64"; }), {}, "images/1.4.2-",
               "its manifests are for amd64,arm64");
  expect_found("no repository.json", contents([](Json& j) { j["files"] = Json::array(); }), {}, "contents.json",
               "does not name repository.json");
  expect_found("more files", contents([](Json& j) {
                 j["files"].push_back(j["files"][0]);
                 j["files"][1]["path"] = TestImages::generation() + "more.json";
               }),
               {}, "more.json", "is not repository.json");
}

TEST_F(SiteVerifierImagesTest, FindsOtherBytes) {
  expect_found(
      "layer byte", {}, [](const TestImages& s) { s.flip_last_byte(s.blob("layer gzip")); }, "blobs/sha256/", "has SHA-256");
  expect_found(
      "layer longer", {}, [](const TestImages& s) { s.write(s.blob("layer plain"), "longer"); }, "blobs/sha256/",
      "has 6 bytes, 5 are promised");
  expect_found(
      "layer gone", {}, [](const TestImages& s) { fs::remove(s / s.blob("layer zstd")); }, "blobs/sha256/", "missing");
  expect_found(
      "record byte", {}, [](const TestImages& s) { s.flip_last_byte(s.record("1.4.2")); }, "images/1.4.2-", "has SHA-256");
  expect_found(
      "old record byte", {}, [](const TestImages& s) { s.flip_last_byte(s.record("gone")); }, "images/latest-", "has SHA-256");
  expect_found(
      "repository.json byte", {}, [](const TestImages& s) { s.flip_last_byte(TestImages::generation() + "repository.json"); },
      "repository.json", "contents.json says");
  expect_found(
      "generation more", {}, [](const TestImages& s) { s.write(TestImages::generation() + "more", "x"); }, "/more",
      "is not named in contents.json");
  for (const char* layer : {"config amd64", "config old"})
    expect_found("diff_id",
                 {[=](const std::string& name, Json& json) {
                    if (name == layer) json["rootfs"]["diff_ids"][0] = "sha256:" + std::string(64, '0');
                  },
                  {},
                  {}},
                 {}, "blobs/sha256/", "unpacks to SHA-256");
}

TEST_F(SiteVerifierImagesTest, FindsWhatNoReleaseLists) {
  const TestImages images(folder_ / "images");
  images.release(*signer_);
  const std::string root = std::string("pool/") + TestImages::target, zeros(64, '0'),
                    more = ": is there, but no retained release lists it\n";
  const std::vector<std::string> strays = {"pool/oci/core/2024/server/blobs/sha256/" + zeros, root + "/blobs/sha256/" + zeros,
                                           root + "/images/9-0123456789abcdef.json", root + "/manifests/sha256/" + zeros};
  std::string expected;
  for (const std::string& path : strays) {
    images.write(path, "x");
    expected += path + more;
  }
  EXPECT_EQ(listing(verify(request_for(images)).findings), expected);
}

TEST_F(SiteVerifierImagesTest, WantsTheKeyAndTheSite) {
  const TestImages images(folder_ / "images");
  images.release(*signer_);
  VerifyRequest request = request_for(images);
  request.image_key.clear();
  EXPECT_EQ(listing(verify(request).findings), "cosign.pub: is not given, but there are images to verify\n");
  request.image_key = folder_ / "absent.pub";
  auto findings = verify(request).findings;
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].subject, "cosign.pub");
  request.image_key = images.keys();
  EXPECT_EQ(listing(verify(request).findings), "cosign.pub: is no public key in PEM form\n");
  request = request_for(images);
  request.site.clear();
  EXPECT_NE(listing(verify(request).findings).find("has no legacy signature for this tag; one names pkg.example.org"),
            std::string::npos);
  request.image_signatures = {ImageSignature::bundle};
  EXPECT_EQ(listing(verify(request).findings), "");
}

TEST_F(SiteVerifierImagesTest, ReadsACandidateWholeAndTheRestBySize) {
  const TestImages images(folder_ / "images");
  images.release(*signer_);
  const fs::path published = folder_ / "published", pool = std::string("pool/") + TestImages::target;
  fs::create_directories(published / "pool/oci/core/2025");
  fs::rename(images / pool, published / pool);
  VerifyRequest request = request_for(images);
  request.published = published;
  request.candidate = images.published();
  request.release = 1;
  request.depth = VerifyDepth::changed;
  const auto harm = [&](const std::string& path) {
    std::string bytes = test::read_whole(published / path);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    std::ofstream(published / path) << bytes;
  };
  const auto found = [&](const std::string& path) {
    const auto findings = verify(request).findings;
    EXPECT_TRUE(std::ranges::all_of(findings, [&](const Finding& finding) { return finding.subject == path; }))
        << listing(findings);
    return !findings.empty();
  };
  const std::string gzip = images.blob("layer gzip"), zstd = images.blob("layer zstd");
  EXPECT_FALSE(found(""));
  EXPECT_EQ(verify(request).bytes, 0u);
  harm(gzip);
  harm(zstd);
  EXPECT_FALSE(found(""));
  // A new manifest says of the one layer what an old one says, and something new of the other.
  const auto into_candidate = [&](const std::string& path) {
    fs::create_directories((images / path).parent_path());
    fs::rename(published / path, images / path);
  };
  into_candidate(images.manifest("amd64"));
  EXPECT_TRUE(found(zstd));
  harm(zstd);
  EXPECT_FALSE(found(""));
  into_candidate(gzip);
  EXPECT_TRUE(found(gzip));
}

}  // namespace
}  // namespace packyard
