#include "verify/published_tree.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

class PublishedTreeTest : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& bytes) {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path) << bytes;
  }
  TemporaryFolder folder_;
};

TEST_F(PublishedTreeTest, TheCandidateWins) {
  put("public/pool/a", "old");
  put("public/pool/b", "published");
  put("new/pool/a", "fresh!");
  const PublishedTree tree(folder_ / "public", folder_ / "new");
  EXPECT_EQ(tree.find("pool/a")->size_bytes, 6u);
  EXPECT_TRUE(tree.find("pool/a")->in_candidate);
  EXPECT_FALSE(tree.find("pool/b")->in_candidate);
  EXPECT_EQ(tree.read("pool/b", 100).value(), "published");
  EXPECT_FALSE(tree.read("pool/b", 3));
  EXPECT_EQ(tree.find("pool/c").error().code, ErrorCode::not_found);
  EXPECT_EQ(tree.list("pool").value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(tree.list("nothing")->empty());
  std::vector<std::string> walked;
  ASSERT_TRUE(tree.walk("pool", [&](const std::string& path) { walked.push_back(path); }));
  EXPECT_EQ(walked, (std::vector<std::string>{"pool/a", "pool/b"}));
}

TEST_F(PublishedTreeTest, FollowsNoLinkAndLeavesNotTheTree) {
  put("public/real/file", "x");
  put("secret", "x");
  fs::create_symlink("real", folder_ / "public/linked");
  fs::create_symlink("../secret", folder_ / "public/out");
  const PublishedTree tree(folder_ / "public", std::nullopt);
  EXPECT_NE(tree.find("linked/file").error().message.find("symbolic link"), std::string::npos);
  EXPECT_NE(tree.find("out").error().message.find("symbolic link"), std::string::npos);
  EXPECT_FALSE(tree.find("../secret"));
  EXPECT_FALSE(tree.find("real"));
  EXPECT_EQ(tree.link("linked").value(), "real");
  EXPECT_FALSE(tree.link("real/file"));
  EXPECT_EQ(tree.link("absent").error().code, ErrorCode::not_found);
  std::vector<std::string> walked;
  ASSERT_TRUE(tree.walk("", [&](const std::string& path) { walked.push_back(path); }));
  EXPECT_EQ(walked, (std::vector<std::string>{"linked", "out", "real/file"}));
}

TEST_F(PublishedTreeTest, DigestsBytesOfSeveralNamesOnce) {
  put("public/a", "abc");
  fs::create_hard_link(folder_ / "public/a", folder_ / "public/b");
  const PublishedTree tree(folder_ / "public", std::nullopt);
  const auto first = tree.digest(tree.find("a").value());
  std::ofstream(folder_ / "public/a") << "abd";  // not looked at again within a run
  EXPECT_EQ(tree.digest(tree.find("b").value())->sha256, first->sha256);
  EXPECT_EQ(first->sha256, sha256("abc"));
}

}  // namespace
}  // namespace packyard
