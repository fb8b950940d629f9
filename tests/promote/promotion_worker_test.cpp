#include "promote/promotion_worker.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

class PromotionWorkerTest : public testing::Test {
 protected:
  PromotionWorkerTest() {
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(queue_.add({}));
  }
  PromotionReport report(std::uint64_t number) { return queue_.find(PromotionId{number}).value()->report; }
  // What a process does that ends as it should.
  Attempt succeed(PromotionId id) {
    PromotionReport ended = report(id.number);
    ended.state = PromotionState::succeeded;
    EXPECT_TRUE(queue_.write(ended));
    return {AttemptEnd::ended, "ended with status 0"};
  }
  WorkerTurn turn() { return worker_.take_turn().value(); }

  TemporaryFolder folder_;
  PromotionQueue queue_{folder_.path()};
  ManualClock clock_{Timestamp{1'767'225'600}};
  Log log_{LogLevel::error};
  std::vector<PromotionId> attempted_;
  int failures_told_ = 0;
  std::function<Attempt(PromotionId)> attempt_ = [this](PromotionId id) { return succeed(id); };
  PromotionWorker worker_{{queue_, clock_, log_,
                           [this](PromotionId id) {
                             attempted_.push_back(id);
                             return attempt_(id);
                           },
                           [this] { ++failures_told_; }}};
};

TEST_F(PromotionWorkerTest, TakesThemInTheirOrderEachOnce) {
  EXPECT_EQ(turn(), WorkerTurn::worked);
  EXPECT_EQ(turn(), WorkerTurn::worked);
  EXPECT_EQ(turn(), WorkerTurn::idle);
  ASSERT_TRUE(queue_.add({}));
  EXPECT_EQ(turn(), WorkerTurn::worked);
  EXPECT_EQ(turn(), WorkerTurn::idle);
  EXPECT_EQ(attempted_, (std::vector<PromotionId>{PromotionId{1}, PromotionId{2}, PromotionId{3}}));
  EXPECT_EQ(report(1).attempts, 1u);
}

TEST_F(PromotionWorkerTest, SaysThatItRunsBeforeTheAttempt) {
  attempt_ = [this](PromotionId id) {
    EXPECT_EQ(report(id.number).state, PromotionState::running);
    EXPECT_EQ(report(id.number).attempts, 1u);
    EXPECT_EQ(report(id.number).started_at, clock_.now());
    return succeed(id);
  };
  turn();
  EXPECT_EQ(attempted_.size(), 1u);
}

TEST_F(PromotionWorkerTest, AnAttemptWithoutAWordIsMadeAgainThreeTimesAtMost) {
  attempt_ = [](PromotionId) { return Attempt{AttemptEnd::ended, "was ended by signal 9"}; };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(turn(), WorkerTurn::worked);
  EXPECT_EQ(report(1).state, PromotionState::queued);
  EXPECT_NE(report(1).reason.find("signal 9"), std::string::npos);
  attempt_ = [this](PromotionId id) { return succeed(id); };
  EXPECT_EQ(turn(), WorkerTurn::worked);
  EXPECT_EQ(report(1).state, PromotionState::failed);
  EXPECT_EQ(failures_told_, 1);
  EXPECT_NE(report(1).reason.find("3 attempts"), std::string::npos) << report(1).reason;
  turn();
  EXPECT_EQ(report(2).state, PromotionState::succeeded);
  EXPECT_EQ(attempted_.size(), 4u);
}

TEST_F(PromotionWorkerTest, WhatAKilledWorkerRanIsTakenAgain) {
  PromotionReport left = report(1);
  left.state = PromotionState::running;
  left.attempts = 1;
  left.started_at = Timestamp{1'767'225'000};
  left.add(PromotionStep{"signing", "packages", 9, 3, Timestamp{1'767'225'001}});
  ASSERT_TRUE(queue_.write(left));
  turn();
  EXPECT_EQ(report(1).state, PromotionState::succeeded);
  EXPECT_EQ(report(1).attempts, 2u);
  EXPECT_EQ(report(1).started_at, left.started_at);
  EXPECT_TRUE(report(1).steps.empty());
  left.attempts = 3;
  left.id = PromotionId{2};
  ASSERT_TRUE(queue_.write(left));
  turn();
  EXPECT_EQ(report(2).state, PromotionState::failed);
  EXPECT_EQ(attempted_.size(), 1u);
}

TEST_F(PromotionWorkerTest, ATakenStoreAndAStoppedWorkerDoNotCount) {
  for (const AttemptEnd end : {AttemptEnd::store_taken, AttemptEnd::stopped}) {
    attempt_ = [end](PromotionId) { return Attempt{end, "x"}; };
    for (int i = 0; i < 5; ++i) EXPECT_EQ(turn(), end == AttemptEnd::store_taken ? WorkerTurn::postponed : WorkerTurn::worked);
    EXPECT_EQ(report(1).state, PromotionState::queued);
    EXPECT_EQ(report(1).attempts, 0u);
    EXPECT_FALSE(report(1).reason.empty());
  }
  attempt_ = [this](PromotionId id) { return succeed(id); };
  turn();
  EXPECT_EQ(report(1).state, PromotionState::succeeded);
  EXPECT_EQ(report(1).reason, "");
}

TEST_F(PromotionWorkerTest, WaitingForTheStoreEnds) {
  attempt_ = [](PromotionId) { return Attempt{AttemptEnd::store_taken, "ended with status 4"}; };
  EXPECT_EQ(turn(), WorkerTurn::postponed);
  clock_.set(Timestamp{clock_.now().seconds + PromotionWorker::waiting_seconds_max + 1});
  EXPECT_EQ(turn(), WorkerTurn::worked);
  EXPECT_EQ(report(1).state, PromotionState::failed);
  EXPECT_NE(report(1).reason.find("another command"), std::string::npos) << report(1).reason;
}

TEST_F(PromotionWorkerTest, WhatTheAttemptSaidStays) {
  attempt_ = [this](PromotionId id) {
    PromotionReport said = report(id.number);
    said.state = PromotionState::refused;
    said.add(PromotionFinding{"a.deb", "no checksum"});
    EXPECT_TRUE(queue_.write(said));
    return Attempt{AttemptEnd::ended, "ended with status 1"};
  };
  turn();
  EXPECT_EQ(report(1).state, PromotionState::refused);
  EXPECT_EQ(report(1).findings.size(), 1u);
  EXPECT_EQ(failures_told_, 0);
}

}  // namespace
}  // namespace packyard
