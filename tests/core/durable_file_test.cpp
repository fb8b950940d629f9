#include "core/durable_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace packyard {
namespace {

class DurableFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / "durable_file_test";
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  std::filesystem::path folder_;
};

TEST_F(DurableFile, ReplacesAsAWholeWithTheModeAsked) {
  const auto file = folder_ / "x";
  ASSERT_TRUE(write_file_durably(file, "one", FileMode::owner_only));
  ASSERT_TRUE(write_file_durably(file, "two", FileMode::owner_only));
  EXPECT_EQ(read_small_file(file, 10).value(), "two");
  struct stat status {};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(DurableFile, NewFileRefusesAnExistingOne) {
  ASSERT_TRUE(write_new_file(folder_ / "x", "one", FileMode::world_readable));
  EXPECT_EQ(write_new_file(folder_ / "x", "two", FileMode::world_readable).error().code, ErrorCode::conflict);
  EXPECT_EQ(read_small_file(folder_ / "x", 2).error().code, ErrorCode::invalid);
}

TEST_F(DurableFile, MoveMakesFolders) {
  ASSERT_TRUE(write_new_file(folder_ / "x", "one", FileMode::world_readable));
  ASSERT_TRUE(move_file(folder_ / "x", folder_ / "a" / "b" / "x"));
  EXPECT_EQ(read_small_file(folder_ / "a" / "b" / "x", 10).value(), "one");
  EXPECT_EQ(move_file(folder_ / "x", folder_ / "y").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace packyard
