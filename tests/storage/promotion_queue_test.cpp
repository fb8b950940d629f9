#include "storage/promotion_queue.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

class PromotionQueueTest : public testing::Test {
 protected:
  PromotionId add() { return queue_.add(PromotionOrder{.created_at = Timestamp{1'767'225'600}}).value().order.id; }
  void end(PromotionId id, PromotionState state = PromotionState::succeeded) {
    ASSERT_TRUE(queue_.write(PromotionReport{.id = id, .state = state, .attempts = 1}));
  }
  void spoil(const std::string& file) { std::ofstream(folder_ / file) << "{"; }
  TemporaryFolder folder_;
  PromotionQueue queue_{folder_.path(), {.waiting_max = 3, .finished_kept = 2}};
};

TEST_F(PromotionQueueTest, OrdersAreNumberedAndWaitForTheirReport) {
  EXPECT_TRUE(queue_.ids()->empty());
  EXPECT_EQ(add(), PromotionId{1});
  EXPECT_EQ(add(), PromotionId{2});
  EXPECT_EQ(queue_.ids().value(), (std::vector<PromotionId>{PromotionId{1}, PromotionId{2}}));
  EXPECT_EQ(queue_.find(PromotionId{1}).value()->report.state, PromotionState::queued);
  ASSERT_TRUE(queue_.write(PromotionReport{.id = PromotionId{1}, .state = PromotionState::running, .attempts = 1}));
  EXPECT_EQ(queue_.find(PromotionId{1}).value()->report.attempts, 1u);
  end(PromotionId{1}, PromotionState::refused);
  EXPECT_EQ(queue_.find(PromotionId{1}).value()->report.state, PromotionState::refused);
}

TEST_F(PromotionQueueTest, AnotherProcessSeesTheSame) {
  const PromotionId id = add();
  end(id);
  const PromotionQueue other(folder_.path());
  EXPECT_EQ(other.find(id).value(), queue_.find(id).value());
  EXPECT_EQ(other.find(id).value()->report.state, PromotionState::succeeded);
  EXPECT_FALSE(other.find(PromotionId{99}).value());
}

TEST_F(PromotionQueueTest, OnlySoManyWait) {
  for (int i = 0; i < 3; ++i) add();
  const auto refused = queue_.add({});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  end(PromotionId{1});
  EXPECT_EQ(add(), PromotionId{4});
}

TEST_F(PromotionQueueTest, TheOldestThatEndedGo) {
  for (int i = 0; i < 5; ++i) end(add());
  EXPECT_EQ(queue_.ids()->size(), 3u);  // two that ended before the last was added, and it
  EXPECT_EQ(queue_.ids()->front(), PromotionId{3});
  EXPECT_TRUE(std::filesystem::exists(folder_ / "reports/prm_1.json"));
  ASSERT_TRUE(queue_.sweep_reports());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "reports/prm_1.json"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "reports/prm_3.json"));
}

TEST_F(PromotionQueueTest, AnOldReportIsNeverANewOrders) {
  end(add());
  end(add());
  std::filesystem::remove_all(folder_ / "orders");
  const PromotionId id = add();
  EXPECT_EQ(id, PromotionId{3});
  EXPECT_EQ(queue_.find(id).value()->report.state, PromotionState::queued);
}

TEST_F(PromotionQueueTest, WhatIsDamagedFailedAndHoldsNobodyUp) {
  for (int i = 0; i < 3; ++i) add();
  spoil("orders/prm_1.json");
  ASSERT_TRUE(queue_.write(PromotionReport{.id = PromotionId{2}}));
  spoil("reports/prm_2.json");
  EXPECT_EQ(queue_.find(PromotionId{3}).value()->report.state, PromotionState::queued);
  EXPECT_EQ(queue_.find(PromotionId{1}).value()->report.state, PromotionState::failed);
  EXPECT_NE(queue_.find(PromotionId{1}).value()->report.reason.find("order is damaged"), std::string::npos);
  EXPECT_NE(queue_.find(PromotionId{2}).value()->report.reason.find("report is damaged"), std::string::npos);
  std::filesystem::copy_file(folder_ / "orders/prm_3.json", folder_ / "orders/prm_4.json");  // another one's
  EXPECT_EQ(queue_.find(PromotionId{4}).value()->report.state, PromotionState::failed);
}

TEST_F(PromotionQueueTest, NumbersEnd) {
  add();
  std::filesystem::copy_file(folder_ / "orders/prm_1.json", folder_ / "orders/prm_999999999999999.json");
  EXPECT_EQ(queue_.add({}).error().code, ErrorCode::corrupt);
}

TEST_F(PromotionQueueTest, OneWorker) {
  EXPECT_FALSE(queue_.has_worker());
  const auto lock = queue_.become_worker();
  ASSERT_TRUE(lock);
  EXPECT_TRUE(queue_.has_worker());
  const auto second = PromotionQueue(folder_.path()).become_worker();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
}

TEST_F(PromotionQueueTest, ManyAddAtOnce) {
  PromotionQueue roomy(folder_.path());
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 5; ++n) EXPECT_TRUE(roomy.add({}));
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(roomy.ids()->size(), 40u);
  EXPECT_EQ(roomy.ids()->back(), PromotionId{40});
}

}  // namespace
}  // namespace packyard
