#include "storage/folder_object_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

class FolderObjectStoreTest : public testing::Test {
 protected:
  void write(const fs::path& file) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "secret";
  }
  TemporaryFolder folder_;
  const fs::path root_ = folder_.path();
};

ObjectKey key(std::string_view text) { return ObjectKey::parse(text).value(); }

TEST_F(FolderObjectStoreTest, NeverFollowsALink) {
  write(root_ / "outside/file");
  fs::create_directories(root_ / "store/core");
  fs::create_symlink(root_ / "outside/file", root_ / "store/core/link");
  fs::create_symlink(root_ / "outside", root_ / "store/folder");
  FolderObjectStore store(root_ / "store");
  const auto listing = store.list("").value();
  EXPECT_TRUE(listing.objects.empty());
  ASSERT_EQ(listing.refused.size(), 2u);
  for (const auto& refused : listing.refused) EXPECT_NE(refused.problem.find("link"), std::string::npos);
  EXPECT_FALSE(store.open(key("core/link")));
  EXPECT_FALSE(store.open(key("folder/file")));
  EXPECT_FALSE(store.put(key("folder/new"), "x"));
  EXPECT_FALSE(store.move(key("folder/file"), key("a")));
  EXPECT_FALSE(store.remove(key("folder/file")));
  EXPECT_FALSE(fs::exists(root_ / "outside/new"));
  EXPECT_TRUE(fs::exists(root_ / "outside/file"));
}

TEST_F(FolderObjectStoreTest, RefusesSpecialFilesAndStrangeNamesWithoutHanging) {
  fs::create_directories(root_ / "store");
  ASSERT_EQ(mkfifo((root_ / "store/pipe").c_str(), 0600), 0);
  write(root_ / "store/with space");
  write(root_ / "store/tab\tand\x1b[31m");
  FolderObjectStore store(root_ / "store");
  const auto listing = store.list("").value();
  EXPECT_TRUE(listing.objects.empty());
  EXPECT_EQ(listing.refused.size(), 3u);
  for (const auto& refused : listing.refused) EXPECT_EQ(refused.name.find('\x1b'), std::string::npos);
  EXPECT_EQ(store.open(key("pipe")).error().code, ErrorCode::invalid);
}

TEST_F(FolderObjectStoreTest, AStoreThatCannotBeReadIsUnavailable) {
  if (geteuid() == 0) {
    // Root reads everything: a file where the folder should be fails in the same way for all.
    write(root_ / "store");
    EXPECT_EQ(FolderObjectStore(root_ / "store").list("").error().code, ErrorCode::invalid);
    return;
  }
  fs::create_directories(root_ / "store");
  fs::permissions(root_ / "store", fs::perms::none);
  EXPECT_EQ(FolderObjectStore(root_ / "store").list("").error().code, ErrorCode::unavailable);
  fs::permissions(root_ / "store", fs::perms::owner_all);
}

}  // namespace
}  // namespace packyard
