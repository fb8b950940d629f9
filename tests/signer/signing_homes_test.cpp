#include "signer/signing_homes.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

namespace packyard {
namespace {

namespace fs = std::filesystem;

class SigningHomesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/dev/shm/packyard-test." + std::string(6, 'X');
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(SigningHomesTest, MakesPrivateHomesAndRemovesThem) {
  {
    const auto homes = SigningHomes::make({folder_}, 3);
    ASSERT_TRUE(homes) << homes.error().message;
    ASSERT_EQ(homes->homes().size(), 3u);
    ASSERT_TRUE(homes->write_configuration("gpg.conf", "batch\n"));
    for (const auto& home : homes->homes()) {
      EXPECT_EQ(fs::status(home).permissions(), fs::perms::owner_all);
      EXPECT_EQ(fs::status(home / "gpg.conf").permissions(), fs::perms::owner_read | fs::perms::owner_write);
    }
    EXPECT_EQ(fs::status(homes->homes().front().parent_path()).permissions(), fs::perms::owner_all);
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(SigningHomesTest, SweepsOnlyHomesNobodyHolds) {
  auto held = SigningHomes::make({folder_}, 1);
  ASSERT_TRUE(held);
  fs::create_directories(folder_ / "packyard-gpg.stale1/0");
  std::ofstream(folder_ / "packyard-gpg.stale1/lock").put('x');
  fs::create_directories(folder_ / "packyard-gpg.stale2");  // not even a lock file
  fs::create_directories(folder_ / "packyard-gpg-new.fresh");  // somebody is just making it
  fs::create_directories(folder_ / "another");
  std::ofstream(folder_ / "packyard-gpg.file").put('x');
  {
    const auto second = SigningHomes::make({folder_}, 1);
    ASSERT_TRUE(second);
    EXPECT_TRUE(fs::exists(held->homes().front()));
    EXPECT_FALSE(fs::exists(folder_ / "packyard-gpg.stale1"));
    EXPECT_FALSE(fs::exists(folder_ / "packyard-gpg.stale2"));
    EXPECT_TRUE(fs::exists(folder_ / "packyard-gpg-new.fresh"));
    EXPECT_TRUE(fs::exists(folder_ / "another"));
    EXPECT_TRUE(fs::exists(folder_ / "packyard-gpg.file"));
  }
}

TEST_F(SigningHomesTest, TakesTheFirstFolderInMemory) {
  const auto homes = SigningHomes::make({"/proc", "/does/not/exist", folder_}, 1);
  ASSERT_TRUE(homes) << homes.error().message;
  EXPECT_EQ(homes->homes().front().parent_path().parent_path(), folder_);
  EXPECT_EQ(SigningHomes::make({"/proc"}, 1).error().code, ErrorCode::unavailable);
}

TEST_F(SigningHomesTest, LooksInTheRuntimeFolderToo) {
  setenv("XDG_RUNTIME_DIR", "/run/user/1", 1);
  EXPECT_EQ(memory_folders(), (std::vector<fs::path>{"/dev/shm", "/run/user/1"}));
  unsetenv("XDG_RUNTIME_DIR");
  EXPECT_EQ(memory_folders(), std::vector<fs::path>{"/dev/shm"});
}

}  // namespace
}  // namespace packyard
