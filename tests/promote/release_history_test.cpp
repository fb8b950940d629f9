#include "promote/release_history.h"

#include "tests/support/press_fixture.h"

namespace packyard {
namespace {

class ReleaseHistoryTest : public PressFixture {};

TEST_F(ReleaseHistoryTest, AStoreWithoutReleasesHasNoHistory) {
  EXPECT_TRUE(list_releases(*parts_)->empty());
  EXPECT_EQ(show_release(*parts_, 1).error().code, ErrorCode::not_found);
  EXPECT_FALSE(std::filesystem::exists(state_));
}

TEST_F(ReleaseHistoryTest, TellsReleasesTheirTargetsAndSteps) {
  stage_package("acme", "1.0");
  publish();
  stage_package("acme", "1.1");
  publish();
  const auto releases = list_releases(*parts_).value();
  ASSERT_EQ(releases.size(), 2u);
  EXPECT_EQ(releases[1].state, ReleaseState::live);
  const auto details = show_release(*parts_, 2).value();
  ASSERT_EQ(details.targets.size(), 1u);
  EXPECT_EQ(details.targets.begin()->second, 2u);
  std::vector<std::string> steps;
  for (const auto& entry : details.journal)
    if (steps.empty() || steps.back() != entry.step) steps.push_back(entry.step);
  EXPECT_EQ(steps, (std::vector<std::string>{"claimed", "prepared", "moving", "switching", "live"}));
  const auto forwards = compare_releases(*parts_, 1, 2).value();
  ASSERT_EQ(forwards.size(), 1u);
  EXPECT_EQ(forwards[0].kind, ChangeKind::upgraded);
  EXPECT_EQ(compare_releases(*parts_, 2, 1)->at(0).kind, ChangeKind::removed);
  EXPECT_EQ(compare_releases(*parts_, 1, 9).error().code, ErrorCode::not_found);
}

TEST_F(ReleaseHistoryTest, PinsAndUnpins) {
  stage_package("acme", "1.0");
  publish();
  ASSERT_TRUE(pin_release(*parts_, 1, Pinning::pinned));
  EXPECT_TRUE(show_release(*parts_, 1)->release.pinned);
  ASSERT_TRUE(pin_release(*parts_, 1, Pinning::unpinned));
  EXPECT_FALSE(show_release(*parts_, 1)->release.pinned);
  EXPECT_EQ(pin_release(*parts_, 2, Pinning::pinned).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace packyard
