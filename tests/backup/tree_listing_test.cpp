#include "backup/tree_listing.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/durable_file.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

TEST(TreeListing, ListsFilesAndLinksByPathAndFollowsNone) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "b/c");
  fs::create_directories(folder / "empty");
  ASSERT_TRUE(write_new_file(folder / "b/c/file", "12345", FileMode::world_readable));
  ASSERT_TRUE(write_new_file(folder / "a", "", FileMode::world_readable));
  fs::create_symlink("b/c", folder / "link");
  fs::create_symlink("/nowhere", folder / "b/dangling");
  const auto listing = list_tree(folder.path()).value();
  ASSERT_EQ(listing.files.size(), 2u);
  EXPECT_EQ(listing.files[0].path, "a");
  EXPECT_EQ(listing.files[1].path, "b/c/file");
  EXPECT_EQ(listing.files[1].size_bytes, 5u);
  EXPECT_GT(listing.files[1].modified_ns, 1'600'000'000'000'000'000u);
  ASSERT_EQ(listing.links.size(), 2u);
  EXPECT_EQ(listing.links[0].path, "b/dangling");
  EXPECT_EQ(listing.links[1].target, "b/c");
  EXPECT_EQ(state_of_file(folder / "b/c/file")->size_bytes, 5u);
}

TEST(TreeListing, AnAbsentFolderIsEmptyAndAPipeIsRefused) {
  const TemporaryFolder folder;
  EXPECT_TRUE(list_tree(folder / "absent")->files.empty());
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(list_tree(folder.path()).error().code, ErrorCode::invalid);
  EXPECT_EQ(state_of_file(folder / "pipe").error().code, ErrorCode::invalid);
  EXPECT_EQ(state_of_file(folder / "absent").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace packyard
