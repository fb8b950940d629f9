#include "promote/progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace packyard {
namespace {

// What a progress of this form writes for one step of four.
std::string written(ProgressForm form) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  {
    Progress progress(form, ends[1]);
    progress.begin("signing", 4, "packages");
    for (int i = 0; i < 4; ++i) progress.advance();
    progress.end();
  }
  close(ends[1]);
  std::string text(8192, '\0');
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, read(ends[0], text.data(), text.size()))));
  close(ends[0]);
  return text;
}

TEST(Progress, IsALinePerStepElsewhere) { EXPECT_EQ(written(ProgressForm::lines), "signing: 4 packages\n"); }

TEST(Progress, IsSilentWhenAsked) { EXPECT_EQ(written(ProgressForm::none), ""); }

TEST(Progress, IsARedrawnLineOnATerminal) {
  const std::string text = written(ProgressForm::bar);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_NE(text.find("4/4 packages"), std::string::npos);
  EXPECT_EQ(text.substr(text.size() - 1), "\r");
}

TEST(Progress, AWatcherSeesEachStepBeginAndEnd) {
  std::vector<std::string> seen;
  Progress progress(ProgressForm::none, STDERR_FILENO);
  progress.watch([&](const ProgressStep& step) {
    seen.push_back(step.name + " " + std::to_string(step.done) + "/" + std::to_string(step.total) + " " + step.unit);
  });
  progress.begin("signing", 2, "packages");
  progress.advance(2);
  progress.begin("verifying", 0, "files");  // ends the step before
  progress.end();
  progress.end();
  ASSERT_GE(seen.size(), 4u);
  EXPECT_EQ(seen.front(), "signing 0/2 packages");
  EXPECT_EQ(seen.back(), "verifying 0/0 files");
  EXPECT_NE(std::ranges::find(seen, "signing 2/2 packages"), seen.end());
}

TEST(Progress, APipeWithoutAReaderStopsNothing) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  Progress progress(ProgressForm::lines, ends[1]);
  for (int i = 0; i < 10'000; ++i) progress.begin("step", 1, "files");  // more than the pipe holds
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace packyard
