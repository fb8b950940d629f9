#include "registry/published_repositories.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/durable_file.h"
#include "tests/registry/published_images.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

class PublishedRepositoriesTest : public testing::Test {
 protected:
  void publish_tag(const std::string& repository, const std::string& tag, std::string_view bytes) {
    images_.repository(repository).tags[tag] = images_.add_manifest(repository, bytes);
    images_.publish();
  }
  ErrorCode error(std::string_view repository) {
    const auto found = repositories_.find(repository);
    EXPECT_FALSE(found);
    return found ? ErrorCode::internal : found.error().code;
  }
  std::filesystem::path document(const char* generation) const {
    return images_.folder() / "generations/oci/core/2025/server" / generation / "repository.json";
  }

  TemporaryFolder folder_;
  PublishedImages images_{folder_ / "public"};
  PublishedRepositories repositories_{(folder_ / "public").string(), 2};
};

TEST_F(PublishedRepositoriesTest, FollowsTheLiveRelease) {
  EXPECT_EQ(error("core/2025/server"), ErrorCode::not_found);
  publish_tag("core/2025/server", "1", "one");
  const auto first = repositories_.find("core/2025/server").value();
  EXPECT_NE(first->find_tag("1"), nullptr);
  EXPECT_EQ(repositories_.find("core/2025/server").value(), first) << "parsed once";
  EXPECT_EQ(error("plus/2025/server"), ErrorCode::not_found);
  publish_tag("core/2025/server", "2", "two");
  const auto second = repositories_.find("core/2025/server").value();
  EXPECT_NE(second->find_tag("2"), nullptr);
  EXPECT_EQ(first->find_tag("2"), nullptr) << "who still holds the first one sees what it was";
}

TEST_F(PublishedRepositoriesTest, DropsTheLeastUsedOnes) {
  for (const char* name : {"core/2025/a", "core/2025/b", "core/2025/c"}) images_.add_manifest(name, "x");
  images_.publish();
  const auto a = repositories_.find("core/2025/a").value(), b = repositories_.find("core/2025/b").value();
  EXPECT_EQ(repositories_.find("core/2025/a").value(), a);
  EXPECT_TRUE(repositories_.find("core/2025/c"));
  EXPECT_EQ(repositories_.find("core/2025/a").value(), a);
  EXPECT_NE(repositories_.find("core/2025/b").value(), b);
}

TEST_F(PublishedRepositoriesTest, WhatTheLiveReleaseNamesAndIsMissingIsDamage) {
  publish_tag("core/2025/server", "1", "one");
  images_.remove_generation("core/2025/server", 1);
  EXPECT_EQ(error("core/2025/server"), ErrorCode::corrupt);
}

TEST_F(PublishedRepositoriesTest, DamagedDocumentsAndLinksAreErrors) {
  publish_tag("core/2025/server", "1", "one");
  const auto rewrite = [&](const std::string& text) {
    std::filesystem::remove(document("000001"));
    ASSERT_TRUE(write_new_file(document("000001"), text, FileMode::world_readable));
    EXPECT_EQ(error("core/2025/server"), ErrorCode::corrupt) << text;
  };
  rewrite("{}");
  PublishedImages::Repository other;
  other.generation = 1;
  rewrite(PublishedImages::json_of("plus/2025/server", other));
  other.generation = 2;
  rewrite(PublishedImages::json_of("core/2025/server", other));
  std::filesystem::remove(document("000001"));
  std::filesystem::create_symlink("/etc/passwd", document("000001"));
  EXPECT_EQ(error("core/2025/server"), ErrorCode::corrupt);

  const auto relink = [&](const std::filesystem::path& link, const std::string& to) {
    std::filesystem::remove(link);
    std::filesystem::create_symlink(to, link);
    EXPECT_EQ(error("core/2025/server"), ErrorCode::corrupt) << to;
  };
  const auto link = images_.folder() / "releases/000001/oci/core/2025/server";
  relink(link, "../../../../../generations/oci/plus/2025/server/000001");
  relink(link, "../../../../../generations/oci/core/2025/server/1");
  relink(link, "../../../../../generations/oci/core/2025/server/00000x");
  relink(link, "000001");
  relink(link, std::string(600, 'a'));
  relink(images_.folder() / "current", "releases/../../etc");
  relink(images_.folder() / "current", "elsewhere");
}

// Readers while releases come and retention takes the old ones at once: every answer is a whole, live-at-that-time document.
TEST_F(PublishedRepositoriesTest, ReadersNeverMissWhileRetentionRemoves) {
  constexpr int releases = 300;
  publish_tag("core/2025/server", "t1", "one");
  std::atomic<bool> done = false;
  std::atomic<int> looks = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([&] {
      std::uint64_t least = 1;
      while (!done) {
        const auto found = repositories_.find("core/2025/server");
        ASSERT_TRUE(found) << found.error().message;
        ASSERT_GE((*found)->generation(), least);
        least = (*found)->generation();
        ASSERT_NE((*found)->find_tag("t" + std::to_string(least)), nullptr);
        ++looks;
      }
    });
  for (std::uint64_t number = 2; number <= releases; ++number) {
    images_.repository("core/2025/server").tags.clear();
    publish_tag("core/2025/server", "t" + std::to_string(number), "bytes");
    // Gone while the next release is made: a reader that has read the first link finds the second one missing.
    images_.remove_release(number - 1);
    images_.remove_generation("core/2025/server", number - 1);
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_GT(looks, releases);
}

}  // namespace
}  // namespace packyard
