#include "storage/store_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <optional>
#include <thread>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

TEST(StoreLock, OneAtATimeAndTheHolderIsNamed) {
  const TemporaryFolder folder;
  std::optional<StoreLock> lock = StoreLock::take(folder / "lock").value();
  const auto second = StoreLock::take(folder / "lock");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  EXPECT_NE(second.error().message.find("process " + std::to_string(getpid())), std::string::npos);
  lock.reset();
  EXPECT_TRUE(StoreLock::take(folder / "lock"));
}

TEST(StoreLock, AKilledHolderLeavesNothingBehind) {
  const TemporaryFolder folder;
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = StoreLock::take(folder / "lock");
    const char done = lock ? '1' : '0';
    if (write(ready[1], &done, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char done = 0;
  ASSERT_EQ(read(ready[0], &done, 1), 1);
  EXPECT_EQ(done, '1');
  EXPECT_FALSE(StoreLock::take(folder / "lock"));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(StoreLock::take(folder / "lock"));
  close(ready[0]);
  close(ready[1]);
}

TEST(StoreLock, WhoLooksWaitsForWhoChanges) {
  const TemporaryFolder folder;
  ManualClock clock{Timestamp{1'800'000'000}};
  std::optional<StoreLock> lock = StoreLock::take(folder / "lock").value();
  const auto refused = StoreLock::take_to_look(folder / "lock", clock, std::chrono::seconds(5));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_GE(clock.now().seconds, 1'800'000'005);
  lock.reset();
  EXPECT_TRUE(StoreLock::take_to_look(folder / "lock", clock, std::chrono::seconds(0)));
}

TEST(StoreLock, WhoChangesWaitsForWhoLooks) {
  const TemporaryFolder folder;
  ManualClock clock{Timestamp{1'800'000'000}};
  std::optional<StoreLock> lock = StoreLock::take_to_look(folder / "lock", clock, std::chrono::seconds(0)).value();
  std::atomic<bool> is_taken{false};
  std::jthread changing([&] { is_taken = StoreLock::take(folder / "lock").has_value(); });
  lock.reset();
  changing.join();
  EXPECT_TRUE(is_taken);
}

}  // namespace
}  // namespace packyard
