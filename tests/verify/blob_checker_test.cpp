#include "verify/blob_checker.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_images.h"
#include "tests/support/test_keys.h"
#include "tests/support/test_site.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

class BlobCheckerTest : public testing::Test {
 protected:
  BlobCheckerTest() {
    for (const char* root : {"public", "candidate"}) fs::create_directories(folder_ / root / "pool");
    std::string text;
    for (int i = 0; i < 500'000; ++i) text += std::to_string(i % 1000);
    unpacked_ = sha256(text);
    std::ofstream(folder_ / "text") << text;
    test::run_shell("cd " + folder_.path().string() +
                    "; gzip -nk text; zstd -qk text; cp text.gz text.zst public/pool; split -b 100000 text part.;"
                    " for part in part.*; do gzip -nc $part; done >public/pool/members.gz");
  }
  BlobTask task(const std::string& name, std::vector<LayerPromise> layers = {}) const {
    fs::path file = folder_ / "public/pool" / name;
    if (!fs::exists(file)) file = folder_ / "candidate/pool" / name;
    return {"pool/" + name, digest_file(file).value(), std::move(layers)};
  }
  std::string findings_of(const std::vector<BlobTask>& tasks, PackageDepth depth = PackageDepth::whole) {
    const PublishedTree tree(folder_ / "public", folder_ / "candidate");
    Findings findings;
    BlobChecker checker(tree, findings);
    done_.clear();
    checker.check(tasks, depth,
                  [&](std::uint64_t done, std::uint64_t total) { done_ = std::to_string(done) + "/" + std::to_string(total); });
    bytes_ = checker.bytes();
    std::string text;
    for (const auto& finding : findings.take()) text += finding.subject + ": " + finding.problem + "\n";
    return text;
  }

  TemporaryFolder folder_;
  Sha256 unpacked_;
  std::string done_;
  std::uint64_t bytes_ = 0;
};

TEST_F(BlobCheckerTest, ReadsEachOnce) {
  fs::create_hard_link(folder_ / "public/pool/text.gz", folder_ / "public/pool/shared.gz");
  const std::vector<BlobTask> tasks = {task("text.gz", {{Packing::gzip, unpacked_, "m"}}), task("shared.gz"),
                                       task("text.zst", {{Packing::zstd, unpacked_, "m"}}),
                                       task("members.gz", {{Packing::gzip, unpacked_, "m"}})};
  EXPECT_EQ(findings_of(tasks), "");
  EXPECT_EQ(bytes_, fs::file_size(folder_ / "text.gz") + fs::file_size(folder_ / "text.zst") +
                        fs::file_size(folder_ / "public/pool/members.gz"));
  EXPECT_EQ(done_, "3/3");
  EXPECT_EQ(findings_of({}), "");
}

TEST_F(BlobCheckerTest, FindsWhatIsNotAsPromised) {
  const Sha256 other = sha256("other");
  const BlobTask good = task("text.gz");
  EXPECT_EQ(findings_of({{"pool/absent", good.promised, {}}}), "pool/absent: missing\n");
  EXPECT_NE(findings_of({{good.path, {good.promised.sha256, 7}, {}}}).find("7 are promised"), std::string::npos);
  EXPECT_NE(findings_of({{good.path, {other, good.promised.size_bytes}, {}}}).find(other.hex() + " is promised"),
            std::string::npos);
  const std::string unpacks = findings_of({{good.path, good.promised, {{Packing::gzip, other, "pool/m"}}}});
  EXPECT_EQ(unpacks,
            "pool/text.gz: unpacks to SHA-256 " + unpacked_.hex() + ", the configuration of pool/m says " + other.hex() + "\n");
  EXPECT_NE(findings_of({{good.path, good.promised, {{Packing::zstd, unpacked_, "pool/m"}}}}).find("not valid zstd"),
            std::string::npos);
  std::string cut = test::read_whole(folder_ / "text.gz");
  cut.resize(cut.size() - 20);
  std::ofstream(folder_ / "public/pool/cut.gz") << cut;
  EXPECT_EQ(findings_of({task("cut.gz", {{Packing::gzip, unpacked_, "pool/m"}})}),
            "pool/cut.gz: is damaged: it ends early (a layer of pool/m)\n");
}

TEST_F(BlobCheckerTest, ReadsWhatIsNewOnly) {
  fs::copy_file(folder_ / "text.gz", folder_ / "candidate/pool/new.gz");
  BlobTask old_one = task("text.gz", {{Packing::gzip, sha256("other"), "m"}}), new_one = task("new.gz");
  const FileDigest wrong{sha256("other"), old_one.promised.size_bytes};
  old_one.promised = new_one.promised = wrong;
  EXPECT_EQ(findings_of({old_one}, PackageDepth::when_changed), "");
  EXPECT_EQ(bytes_, 0u);
  EXPECT_NE(findings_of({new_one}, PackageDepth::when_changed), "");
  old_one.layers[0].is_new = true;
  EXPECT_NE(findings_of({old_one}, PackageDepth::when_changed).find("the configuration of m"), std::string::npos);
  old_one.promised.size_bytes = 7;
  EXPECT_NE(findings_of({old_one}, PackageDepth::when_changed).find("7 are promised"), std::string::npos);
}

}  // namespace
}  // namespace packyard
