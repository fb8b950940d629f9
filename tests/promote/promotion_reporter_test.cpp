#include "promote/promotion_reporter.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

class PromotionReporterTest : public testing::Test {
 protected:
  PromotionReporter reporter(PromotionMode mode = PromotionMode::publish, std::uint32_t attempts = 1) {
    PromotionRecord record = queue_.add({.format = Format::deb, .mode = mode}).value();
    record.report.state = PromotionState::running;
    record.report.attempts = attempts;
    return {queue_, std::move(record), clock_, log_};
  }
  PromotionReport report() { return queue_.find(PromotionId{1}).value()->report; }
  TemporaryFolder folder_;
  PromotionQueue queue_{folder_.path()};
  ManualClock clock_{Timestamp{1'767'225'600}};
  Log log_{LogLevel::error};
};

TEST_F(PromotionReporterTest, AsksForWhatWasOrdered) {
  const PromotionRequest request = reporter(PromotionMode::dry_run).request();
  EXPECT_EQ(request.mode, PromotionMode::dry_run);
  EXPECT_EQ(request.scope.format, Format::deb);
  EXPECT_FALSE(request.scope.component);
  EXPECT_EQ(request.older, OlderVersions::refused);
}

TEST_F(PromotionReporterTest, StepsAreSeenWhileItRuns) {
  PromotionReporter one = reporter();
  one.tell({"reading staging", "bytes", 10, 4});
  EXPECT_EQ(report().state, PromotionState::running);
  ASSERT_EQ(report().steps.size(), 1u);
  EXPECT_EQ(report().steps.front().done, 4u);
}

TEST_F(PromotionReporterTest, ARelease) {
  PromotionOutcome outcome;
  outcome.release = 7;
  outcome.staged_files = 3;
  outcome.changes.push_back({ChangeKind::upgraded, "deb/core/2025/bookworm", "a", "amd64", "2", "1"});
  ASSERT_TRUE(reporter().finish(outcome));
  EXPECT_EQ(report().state, PromotionState::succeeded);
  EXPECT_EQ(report().release, 7u);
  EXPECT_EQ(report().finished_at, clock_.now());
  EXPECT_EQ(report().changes.front(), (PromotionChange{"upgraded", "deb/core/2025/bookworm", "a", "2", "amd64", "1"}));
}

TEST_F(PromotionReporterTest, FindingsRefuse) {
  PromotionOutcome outcome;
  outcome.findings.push_back({"a.deb", "no checksum"});
  ASSERT_TRUE(reporter().finish(outcome));
  EXPECT_EQ(report().state, PromotionState::refused);
  EXPECT_EQ(report().findings.front().problem, "no checksum");
}

TEST_F(PromotionReporterTest, AnErrorFailsAndATakenStoreWaits) {
  PromotionReporter one = reporter();
  ASSERT_TRUE(one.finish(fail(ErrorCode::conflict, "another promotion works")));
  EXPECT_EQ(report().state, PromotionState::running);
  EXPECT_EQ(report().reason, "another promotion works");
  ASSERT_TRUE(one.finish(fail(ErrorCode::unavailable, "writing: No space left on device")));
  EXPECT_EQ(report().state, PromotionState::failed);
  EXPECT_EQ(report().reason, "writing: No space left on device");
}

TEST_F(PromotionReporterTest, NothingNewAfterAnInterruptionSaysWhy) {
  ASSERT_TRUE(reporter(PromotionMode::publish, 2).finish(PromotionOutcome{}));
  EXPECT_EQ(report().state, PromotionState::succeeded);
  EXPECT_NE(report().reason.find("interrupted"), std::string::npos);
}

}  // namespace
}  // namespace packyard
