#include "verify/oci_repository_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_images.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;
using test::TestImages;
using test::TestImagesChange;
using Json = TestImages::Json;

const TargetId server = TargetId::parse(TestImages::target).value();

std::string listing(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings) text += finding.subject + ": " + finding.problem + "\n";
  return text;
}

// A reader that has read the repository, with what it found.
struct Read {
  explicit Read(const TestImages& images) : tree(images.published(), std::nullopt), reader(server, tree, clock, findings) {
    is_read = reader.read(TestImages::generation(), 1);
  }
  PublishedTree tree;
  ManualClock clock{Timestamp{TestImages::published_at + 60}};
  Findings findings;
  OciRepositoryReader reader;
  bool is_read = false;
};

class OciRepositoryReaderTest : public testing::Test {
 protected:
  std::vector<Finding> findings_of(const TestImagesChange& change, const std::function<void(const TestImages&)>& harm = {}) {
    const TestImages images(folder_ / "images", change);
    if (harm) harm(images);
    return Read(images).findings.take();
  }
  void expect_found(const char* name, const std::vector<Finding>& findings, const std::string& subject,
                    const std::string& problem) {
    const bool found = std::ranges::any_of(findings, [&](const Finding& finding) {
      return finding.subject.find(subject) != std::string::npos && finding.problem.find(problem) != std::string::npos;
    });
    EXPECT_TRUE(found) << name << ": wanted " << subject << ": " << problem << ", got\n" << listing(findings);
  }
  // Changes one document, by name, while the repository is made.
  void expect_found(const char* document, const std::function<void(Json&)>& change, const std::string& subject,
                    const std::string& problem) {
    const std::string wanted = document;
    const auto findings = findings_of({[&](const std::string& name, Json& json) {
                                         if (name == wanted) change(json);
                                       },
                                       {},
                                       {}});
    expect_found(document, findings, subject, problem);
  }
  TemporaryFolder folder_;
};

TEST_F(OciRepositoryReaderTest, ReadsAGoodOne) {
  const TestImages images(folder_ / "images");
  Read read(images);
  ASSERT_TRUE(read.is_read);
  const auto listed = read.reader.images();
  EXPECT_EQ(listed.size(), 3u);
  EXPECT_EQ(listed.at("1.4.2").top, images.digest("index"));
  EXPECT_EQ(listed.at("1.4.2").architectures, (std::set<std::string>{"amd64", "arm64"}));
  EXPECT_EQ(listed.at("1.3.0").architectures, std::set<std::string>{"amd64"});
  EXPECT_EQ(read.reader.reachable(images.digest("index")).size(), 4u);
  EXPECT_EQ(read.reader.platform_text(images.digest("arm64")), "linux/arm64");
  EXPECT_EQ(read.reader.untagged(), std::set<Sha256>{images.digest("gone")});
  EXPECT_TRUE(read.reader.objects().contains(images.manifest("sbom")));
  EXPECT_TRUE(read.reader.objects().contains(images.blob("layer gzip")));
  const auto tasks = read.reader.take_blobs();
  const auto task = std::ranges::find(tasks, images.blob("layer gzip"), &BlobTask::path);
  ASSERT_NE(task, tasks.end());
  ASSERT_EQ(task->layers.size(), 1u);  // two images say the same
  EXPECT_EQ(task->layers[0].packing, Packing::gzip);
  EXPECT_FALSE(task->layers[0].is_new);
  EXPECT_EQ(std::ranges::find(tasks, images.blob("config amd64"), &BlobTask::path), tasks.end());  // was read already
  EXPECT_EQ(listing(read.findings.take()), "");
}

TEST_F(OciRepositoryReaderTest, KnowsWhatIsNewAboutALayer) {
  const TestImages images(folder_ / "images"), candidate(folder_ / "candidate");
  // Everything is published but the image that is gone and the layer only it and amd64 have stays published.
  for (const char* name : {"amd64", "arm64", "old"}) fs::remove(candidate / candidate.manifest(name));
  fs::remove_all(candidate / "pool/oci/core/2025/server/blobs");
  fs::remove(images / images.manifest("gone"));
  const PublishedTree tree(images.published(), candidate.published());
  ManualClock clock(Timestamp{TestImages::published_at + 60});
  Findings findings;
  OciRepositoryReader reader(server, tree, clock, findings);
  ASSERT_TRUE(reader.read(TestImages::generation(), 1));
  for (const auto& task : reader.take_blobs())
    for (const auto& layer : task.layers) EXPECT_FALSE(layer.is_new) << task.path;  // amd64 said it before
  fs::copy(images / images.manifest("amd64"), candidate / images.manifest("amd64"));
  OciRepositoryReader again(server, tree, clock, findings);
  ASSERT_TRUE(again.read(TestImages::generation(), 1));
  std::set<std::string> due;
  for (const auto& task : again.take_blobs())
    for (const auto& layer : task.layers)
      if (layer.is_new) due.insert(task.path);
  EXPECT_EQ(due, (std::set<std::string>{images.blob("layer gzip"), images.blob("layer zstd")}));
}

TEST_F(OciRepositoryReaderTest, FindsWhatIsWrongInRepositoryJson) {
  const auto digest = [](char digit) { return "sha256:" + std::string(64, digit); };
  expect_found(
      "repository", [](Json& j) { j["repository"] = "plus/2025/server"; }, "repository.json", "is of repository plus");
  expect_found(
      "repository", [](Json& j) { j["generation"] = 2; }, "repository.json", "is of generation 2");
  expect_found(
      "repository", [](Json& j) { j["published_at"] = "2026-01-01T00:02:00Z"; }, "repository.json", "in the future");
  expect_found(
      "repository", [](Json& j) { j["more"] = 1; }, "repository.json", "malformed: its fields");
  expect_found(
      "repository", [&](Json& j) { j["tags"]["1.4.2"] = digest('0'); }, "repository.json", "which is not held");
  expect_found(
      "repository", [&](Json& j) { j["tags"]["sha256-" + std::string(64, '0')] = j["tags"]["1.4.2"]; }, "repository.json",
      "is a generated one");
  expect_found(
      "repository", [&](Json& j) { j["tags"]["sha256-" + std::string(64, '0') + ".att"] = j["tags"]["1.4.2"]; },
      "repository.json", "not that of signatures");
  expect_found(
      "repository", [&](Json& j) { j["tags"]["sha256-" + std::string(64, '0') + ".sig"] = j["tags"]["1.4.2"]; },
      "repository.json", "signs a manifest that is not held");
  expect_found(
      "repository",
      [&](Json& j) {
        j["manifests"][digest('0')] = {{"media_type", "x"}, {"size_bytes", 1}};
      },
      "manifests/sha256/0000", "missing");
  expect_found(
      "repository", [&](Json& j) { j["blobs"][digest('0')] = 1; }, "blobs/sha256/0000", "no manifest of the repository names");
}

TEST_F(OciRepositoryReaderTest, ComparesManifestsWithTheirEntries) {
  expect_found(
      "entry amd64", [](Json& j) { j["size_bytes"] = 7; }, "manifests/sha256/", "bytes, repository.json says 7");
  expect_found(
      "entry amd64", [](Json& j) { j["media_type"] = "application/vnd.oci.image.index.v1+json"; }, "manifests/sha256/",
      "has the media type application/vnd.oci.image.index");
  expect_found(
      "entry old", [](Json& j) { j["media_type"] = "application/vnd.oci.image.manifest.v1+json"; }, "manifests/sha256/",
      "but is application/vnd.docker.distribution.manifest.v2");
  expect_found(
      "entry amd64", [](Json& j) { j["media_type"] = "text/plain"; }, "manifests/sha256/", "has the media type text/plain");
  expect_found(
      "entry sbom", [](Json& j) { j["subject"] = "sha256:" + std::string(64, '0'); }, "manifests/sha256/", "is about sha256:");
  expect_found(
      "entry sbom", [](Json& j) { j.erase("subject"); }, "manifests/sha256/", "repository.json says nothing");
  expect_found(
      "entry sbom", [](Json& j) { j["artifact_type"] = "x/y"; }, "manifests/sha256/", "has the artifact type 'x/y'");
  expect_found(
      "entry sbom", [](Json& j) { j.erase("artifact_type"); }, "manifests/sha256/", "has the artifact type ''");
  expect_found(
      "entry sbom", [](Json& j) { j["annotations"]["x"] = "y"; }, "manifests/sha256/", "other annotations");
  expect_found(
      "entry sbom", [](Json& j) { j.erase("annotations"); }, "manifests/sha256/", "other annotations");
  expect_found(
      "entry amd64", [](Json& j) { j["subject"] = "sha256:" + std::string(64, '0'); }, "manifests/sha256/",
      "has a subject in repository.json, but none itself");
  expect_found(
      "entry amd64",
      [](Json& j) {
        j["annotations"] = {{"x", "y"}};
      },
      "manifests/sha256/", "but no subject");
  expect_found(
      "entry amd64", [](Json& j) { j["artifact_type"] = "x/y"; }, "manifests/sha256/", "has the artifact type x/y");
  // A manifest that does not say its type is an OCI one.
  const auto silent = [](const char* name) {
    return TestImagesChange{[name](const std::string& document, Json& json) {
                              if (document == name) json.erase("mediaType");
                            },
                            {},
                            {}};
  };
  EXPECT_EQ(listing(findings_of(silent("manifest amd64"))), "");
  expect_found("silent docker manifest", findings_of(silent("manifest old")), "manifests/sha256/",
               "an OCI manifest of another kind");
}

TEST_F(OciRepositoryReaderTest, FindsDescriptorsThatLeadNowhere) {
  const std::string zero = "sha256:" + std::string(64, '0');
  expect_found(
      "manifest amd64", [](Json& j) { j["layers"][0]["size"] = 7; }, "manifests/sha256/", "has 7 bytes, repository.json says");
  expect_found(
      "manifest amd64", [&](Json& j) { j["layers"][0]["digest"] = zero; }, "manifests/sha256/", "does not hold");
  expect_found(
      "manifest amd64", [](Json& j) { j["config"]["size"] = 7; }, "manifests/sha256/", "has 7 bytes, repository.json says");
  expect_found(
      "manifest amd64", [&](Json& j) { j["config"]["digest"] = zero; }, "blobs/sha256/0000", "missing");
  expect_found(
      "manifest amd64", [](Json& j) { j["schemaVersion"] = 1; }, "manifests/sha256/", "schemaVersion");
  expect_found(
      "manifest amd64", [](Json& j) { j["Layers"] = Json::array(); }, "manifests/sha256/", "some clients read as layers");
  expect_found(
      "manifest index", [](Json& j) { j["manifests"][1]["size"] = 7; }, "manifests/sha256/", "with 7 bytes");
  expect_found(
      "manifest index", [&](Json& j) { j["manifests"][1]["digest"] = zero; }, "manifests/sha256/", "does not hold");
  expect_found(
      "manifest index", [](Json& j) { j["manifests"][1]["mediaType"] = "application/vnd.oci.image.index.v1+json"; },
      "manifests/sha256/", "it is application/vnd.oci.image.manifest");
  expect_found(
      "manifest sbom", [](Json& j) { j["subject"]["size"] = 7; }, "manifests/sha256/", "is about sha256:");
  expect_found(
      "manifest sbom", [](Json& j) { j["subject"]["mediaType"] = "x/y"; }, "manifests/sha256/", "as x/y");
}

TEST_F(OciRepositoryReaderTest, ChecksPlatforms) {
  const auto platform = [](std::size_t child, const char* architecture) {
    return [=](Json& j) { j["manifests"][child]["platform"] = {{"architecture", architecture}, {"os", "linux"}}; };
  };
  expect_found("manifest index", platform(1, "amd64"), "manifests/sha256/", "lists two manifests for linux/amd64");
  expect_found("manifest index", platform(1, "s390x"), "manifests/sha256/",
               "for linux/s390x, its configuration says linux/arm64");
  expect_found(
      "config arm64", [](Json& j) { j["os"] = "windows"; }, "manifests/sha256/", "its configuration says windows/arm64");
  // The configuration stands in for a platform that the index does not name, and arm64/v8 is arm64.
  expect_found(
      "manifest index",
      [](Json& j) {
        j["manifests"].push_back(j["manifests"][1]);
        j["manifests"][3].erase("platform");
      },
      "manifests/sha256/", "lists two manifests for linux/arm64");
  const auto twice = findings_of({[](const std::string& name, Json& json) {
                                    if (name == "manifest index") json["manifests"].push_back(json["manifests"][2]);
                                  },
                                  {},
                                  {}});
  EXPECT_EQ(listing(twice), "");  // any number of attestations
}

TEST_F(OciRepositoryReaderTest, ComparesLayersWithConfigurations) {
  expect_found(
      "config amd64", [](Json& j) { j["rootfs"]["diff_ids"].erase(1); }, "manifests/sha256/",
      "has 2 layers, its configuration speaks of 1");
  expect_found(
      "config arm64", [](Json& j) { j["rootfs"]["diff_ids"][0] = "sha256:" + std::string(64, '0'); }, "manifests/sha256/",
      "has the unpacked layer");
  expect_found(
      "config amd64", [](Json& j) { j["rootfs"]["diff_ids"][0] = "sha512:0"; }, "blobs/sha256/", "no sha256");
  expect_found(
      "config amd64", [](Json& j) { j = Json::array(); }, "blobs/sha256/", "no object");
}

TEST_F(OciRepositoryReaderTest, FindsOtherBytes) {
  const auto harmed = [&](const std::function<void(const TestImages&)>& harm) { return findings_of({}, harm); };
  expect_found("manifest byte", harmed([](const TestImages& s) { s.flip_last_byte(s.manifest("amd64")); }), "manifests/sha256/",
               "has SHA-256");
  expect_found("manifest gone", harmed([](const TestImages& s) { fs::remove(s / s.manifest("index")); }), "manifests/sha256/",
               "missing");
  expect_found("manifest longer", harmed([](const TestImages& s) { s.write(s.manifest("index"), "{}"); }), "manifests/sha256/",
               "has 2 bytes");
  expect_found("config byte", harmed([](const TestImages& s) { s.flip_last_byte(s.blob("config amd64")); }), "blobs/sha256/",
               "are promised");
  expect_found("config gone", harmed([](const TestImages& s) { fs::remove(s / s.blob("config amd64")); }), "blobs/sha256/",
               "missing");
  const TestImages images(folder_ / "images");
  fs::remove(images / (TestImages::generation() + "repository.json"));
  Read read(images);
  EXPECT_FALSE(read.is_read);
  EXPECT_EQ(listing(read.findings.take()), TestImages::generation() + "repository.json: missing\n");
}

}  // namespace
}  // namespace packyard
