#include "core/file_lock.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sys/wait.h>
#include <array>
#include <csignal>
#include <filesystem>
#include <optional>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

constexpr std::chrono::milliseconds at_once{0};

TEST(FileLock, OneAtATimeWithinAProcessToo) {
  const TemporaryFolder folder;
  EXPECT_FALSE(FileLock::is_held(folder / "lock"));
  std::optional<FileLock> lock = FileLock::take(folder / "lock", at_once).value();
  EXPECT_TRUE(FileLock::is_held(folder / "lock"));
  const auto second = FileLock::take(folder / "lock", std::chrono::milliseconds(30));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  lock.reset();
  EXPECT_FALSE(FileLock::is_held(folder / "lock"));
  EXPECT_TRUE(FileLock::take(folder / "lock", at_once));
}

TEST(FileLock, AKilledHolderLeavesNothingBehind) {
  const TemporaryFolder folder;
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = FileLock::take(folder / "lock", at_once);
    const char done = lock ? '1' : '0';
    if (write(ready[1], &done, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char done = 0;
  ASSERT_EQ(read(ready[0], &done, 1), 1);
  EXPECT_EQ(done, '1');
  EXPECT_TRUE(FileLock::is_held(folder / "lock"));
  EXPECT_FALSE(FileLock::take(folder / "lock", at_once));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_FALSE(FileLock::is_held(folder / "lock"));
  EXPECT_TRUE(FileLock::take(folder / "lock", at_once));
  close(ready[0]);
  close(ready[1]);
}

TEST(FileLock, FollowsNoLinkAndWaitsForNoPipe) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink(folder / "elsewhere", folder / "link");
  EXPECT_FALSE(FileLock::take(folder / "link", at_once));
  EXPECT_FALSE(std::filesystem::exists(folder / "elsewhere"));
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_FALSE(FileLock::is_held(folder / "pipe"));
}

}  // namespace
}  // namespace packyard
