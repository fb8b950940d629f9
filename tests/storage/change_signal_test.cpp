#include "storage/change_signal.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "tests/support/child_process.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

class ChangeSignalTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
};

TEST_F(ChangeSignalTest, CountsAcrossOpeningsAndIsPrivate) {
  const auto file = folder_ / "signal";
  auto first = ChangeSignal::open(file);
  auto second = ChangeSignal::open(file);
  ASSERT_TRUE(first && second);
  const std::uint64_t before = second->value();
  first->raise();
  EXPECT_EQ(second->value(), before + 1);
  ChangeSignal moved = std::move(*first);
  moved.raise();
  EXPECT_EQ(second->value(), before + 2);
  struct stat status {};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
}

TEST_F(ChangeSignalTest, IsSeenByAnotherProcess) {
  const auto file = folder_ / "signal";
  auto signal = ChangeSignal::open(file);
  ASSERT_TRUE(signal);
  const std::uint64_t before = signal->value();
  const int status = exit_status_of_child([&] {
    auto own = ChangeSignal::open(file);
    if (own) own->raise();
    return own ? 0 : 1;
  });
  ASSERT_EQ(status, 0);
  EXPECT_EQ(signal->value(), before + 1);
}

TEST_F(ChangeSignalTest, RefusesWhatIsNotItsOwn) {
  std::ofstream(folder_ / "open") << "12345678";
  std::filesystem::permissions(folder_ / "open", std::filesystem::perms(0666));
  const auto readable = ChangeSignal::open(folder_ / "open");
  ASSERT_FALSE(readable);
  EXPECT_EQ(readable.error().code, ErrorCode::invalid);
  EXPECT_NE(readable.error().message.find("chmod 600"), std::string::npos);

  std::filesystem::create_symlink(folder_ / "elsewhere", folder_ / "link");
  EXPECT_FALSE(ChangeSignal::open(folder_ / "link"));
  EXPECT_FALSE(ChangeSignal::open(folder_.path()));
  EXPECT_EQ(ChangeSignal::open(folder_ / "absent" / "signal").error().code, ErrorCode::not_found);
}

TEST_F(ChangeSignalTest, FullDiskIsAnErrorNotASignal) {
  const auto file = folder_ / "signal";
  const int status = exit_status_of_child([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_FSIZE, &none) != 0) return 2;
    const auto opened = ChangeSignal::open(file);
    return !opened && opened.error().code == ErrorCode::unavailable ? 0 : 1;
  });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace packyard
