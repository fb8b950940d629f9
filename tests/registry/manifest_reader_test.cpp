#include "registry/manifest_reader.h"

#include <gtest/gtest.h>

#include "core/durable_file.h"
#include "tests/registry/published_images.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

const std::string name = "core/2025/server";

class ManifestReaderTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  PublishedImages images_{folder_ / "public"};
  ManifestReader reader_{(folder_ / "public").string(), 1600};  // keeps up to 100 bytes of each
};

TEST_F(ManifestReaderTest, ReadsExactBytesAndKeepsThem) {
  const std::string bytes = "{\"a\":\n\"\\u00e4\"}\n";
  const Sha256 digest = images_.add_manifest(name, bytes);
  EXPECT_EQ(*reader_.read(name, digest, bytes.size()).value(), bytes);
  std::filesystem::remove(images_.manifest_file(name, digest));
  EXPECT_EQ(*reader_.read(name, digest, bytes.size()).value(), bytes);
  EXPECT_EQ(reader_.read(name, digest, bytes.size() + 1).error().code, ErrorCode::corrupt)
      << "also what is kept has the listed size";
}

TEST_F(ManifestReaderTest, NeverGivesOtherBytes) {
  const Sha256 digest = images_.add_manifest(name, "right");
  const auto file = images_.manifest_file(name, digest);
  const auto put = [&](std::string_view bytes) {
    std::filesystem::remove(file);
    ASSERT_TRUE(write_new_file(file, bytes, FileMode::world_readable));
  };
  put("wrong");
  EXPECT_EQ(reader_.read(name, digest, 5).error().code, ErrorCode::corrupt);
  put("right and more");
  EXPECT_EQ(reader_.read(name, digest, 5).error().code, ErrorCode::corrupt);
  put("");
  EXPECT_EQ(reader_.read(name, digest, 5).error().code, ErrorCode::corrupt);
  std::filesystem::remove(file);
  EXPECT_EQ(reader_.read(name, digest, 5).error().code, ErrorCode::not_found);
  ASSERT_TRUE(write_new_file(folder_ / "outside", "right", FileMode::world_readable));
  std::filesystem::create_symlink(folder_ / "outside", file);
  EXPECT_EQ(reader_.read(name, digest, 5).error().code, ErrorCode::corrupt);
  std::filesystem::remove(file);
  put("right");
  EXPECT_EQ(reader_.read(name, digest, 4).error().code, ErrorCode::corrupt);
  EXPECT_EQ(*reader_.read(name, digest, 5).value(), "right");
}

TEST_F(ManifestReaderTest, KeepsNoMoreThanItMay) {
  std::vector<Sha256> digests;
  for (int i = 0; i < 20; ++i) digests.push_back(images_.add_manifest(name, std::string(100, static_cast<char>('a' + i))));
  const Sha256 large = images_.add_manifest(name, std::string(101, 'x'));
  for (const Sha256& digest : digests) {
    EXPECT_TRUE(reader_.read(name, digest, 100));
    EXPECT_TRUE(reader_.read(name, digests[0], 100));  // asked for again and again: stays
  }
  EXPECT_TRUE(reader_.read(name, large, 101));
  std::filesystem::remove_all(images_.folder() / "pool");
  EXPECT_TRUE(reader_.read(name, digests[0], 100));
  EXPECT_FALSE(reader_.read(name, digests[1], 100)) << "the oldest ones are dropped";
  EXPECT_TRUE(reader_.read(name, digests.back(), 100));
  EXPECT_FALSE(reader_.read(name, large, 101)) << "a large one pushes out nothing";
  int kept = 0;
  for (const Sha256& digest : digests) kept += reader_.read(name, digest, 100) ? 1 : 0;
  EXPECT_EQ(kept, 16);
}

}  // namespace
}  // namespace packyard
