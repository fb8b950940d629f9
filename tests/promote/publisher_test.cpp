#include "promote/publisher.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

class PublisherTest : public testing::Test {
 protected:
  void write(const fs::path& file, const char* text = "x") {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  void make_candidate() {
    write(candidate_ / "index/rpm/core/2025/t/i");
    write(candidate_ / "pool/rpm/core/2025/t/packages/a/p");
    write(candidate_ / "generations/rpm/core/2025/t/000001/repomd.xml");
    write(candidate_ / "releases/000001/release.json");
  }
  Result<void> move() { return publisher_.move_all(); }
  TemporaryFolder folder_;
  const fs::path candidate_ = folder_ / "incoming", public_ = folder_ / "public";
  const Publisher publisher_{candidate_, public_};
};

TEST_F(PublisherTest, MovesEveryPart) {
  make_candidate();
  ASSERT_TRUE(move());
  for (const char* file : {"index/rpm/core/2025/t/i", "pool/rpm/core/2025/t/packages/a/p",
                           "generations/rpm/core/2025/t/000001/repomd.xml", "releases/000001/release.json"})
    EXPECT_TRUE(fs::exists(public_ / file)) << file;
}

TEST_F(PublisherTest, MovingAgainGoesOnWhereItStopped) {
  make_candidate();
  ASSERT_TRUE(move());
  ASSERT_TRUE(move());
  write(candidate_ / "pool/rpm/core/2025/t/packages/b/q");
  ASSERT_TRUE(move());
  EXPECT_TRUE(fs::exists(public_ / "pool/rpm/core/2025/t/packages/b/q"));
}

TEST_F(PublisherTest, SwitchesAndSwitchesAgain) {
  fs::create_directories(public_);
  EXPECT_EQ(current_release(public_).value(), std::nullopt);
  ASSERT_TRUE(publisher_.switch_to(1));
  ASSERT_TRUE(publisher_.switch_to(2));
  ASSERT_TRUE(publisher_.switch_to(2));
  EXPECT_EQ(current_release(public_).value(), 2u);
  EXPECT_EQ(fs::read_symlink(public_ / "current"), "releases/000002");
}

TEST_F(PublisherTest, ACurrentThatIsNoReleaseIsTold) {
  fs::create_directories(public_);
  for (const char* target : {"/etc", "releases/", "releases/1", "releases/000001/x"}) {
    fs::remove(public_ / "current");
    fs::create_symlink(target, public_ / "current");
    EXPECT_EQ(current_release(public_).error().code, ErrorCode::corrupt) << target;
  }
}

TEST_F(PublisherTest, SettlesModesAndTimesAndRefusesWhatIsNoFile) {
  make_candidate();
  write(candidate_ / "pool/kept");
  fs::permissions(candidate_ / "pool/kept", fs::perms::owner_all);
  fs::permissions(candidate_ / "index", fs::perms::owner_all);
  ASSERT_TRUE(publisher_.settle(Timestamp{1'700'000'000}, {"pool/kept"}));
  struct stat status {};
  ASSERT_EQ(stat((candidate_ / "index/rpm/core/2025/t/i").c_str(), &status), 0);
  EXPECT_EQ(status.st_mtime, 1'700'000'000);
  ASSERT_EQ(stat((candidate_ / "pool/kept").c_str(), &status), 0);
  EXPECT_NE(status.st_mtime, 1'700'000'000);
  EXPECT_EQ(status.st_mode & 07777, 0644u);
  EXPECT_EQ(fs::status(candidate_ / "index").permissions(), fs::perms(0755));
  fs::create_symlink("/etc/passwd", candidate_ / "pool/link");
  EXPECT_FALSE(publisher_.settle(Timestamp{1'700'000'000}, {}));
  fs::remove(candidate_ / "pool/link");
  ASSERT_EQ(mkfifo((candidate_ / "pool/pipe").c_str(), 0600), 0);
  EXPECT_FALSE(publisher_.settle(Timestamp{1'700'000'000}, {}));
}

}  // namespace
}  // namespace packyard
