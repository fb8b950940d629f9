#include "admin/promotion_service.h"

#include <gtest/gtest.h>

#include "tests/support/admin_world.h"

namespace packyard {
namespace {

class PromotionServiceTest : public testing::Test {
 protected:
  ApiError error_of(const PromotionFields& fields) {
    const auto added = world_.promotions.add(fields, world_.caller);
    return added ? ApiError::internal : added.error().error;
  }
  AdminWorld world_;
};

TEST_F(PromotionServiceTest, TakesWhatTheSettingsKnow) {
  const auto added = world_.promotions.add({"plus", "2026", "deb", "bookworm", PromotionMode::dry_run}, world_.caller);
  ASSERT_TRUE(added);
  EXPECT_EQ(added->order.created_at.seconds, AdminWorld::start_seconds);
  EXPECT_EQ(added->order.component->text(), "plus");
  EXPECT_EQ(added->order.format, Format::deb);
  EXPECT_EQ(added->order.mode, PromotionMode::dry_run);
  EXPECT_EQ(world_.promotions.find(added->order.id.text())->report.state, PromotionState::queued);
  EXPECT_TRUE(world_.promotions.add({}, world_.caller));
  EXPECT_TRUE(world_.promotions.add({.year = "2026"}, world_.caller));
  EXPECT_TRUE(world_.promotions.add({.target = "el9-x86_64"}, world_.caller));
}

TEST_F(PromotionServiceTest, RefusesWhatTheyDoNot) {
  EXPECT_EQ(error_of({.component = "other"}), ApiError::component_unknown);
  EXPECT_EQ(error_of({.component = "../core"}), ApiError::component_unknown);
  for (const PromotionFields& wrong : std::initializer_list<PromotionFields>{{.year = "25"},
                                                                             {.year = "2030"},
                                                                             {.component = "core", .year = "2026"},
                                                                             {.format = "zip"},
                                                                             {.target = "../x"},
                                                                             {.target = "sid"},
                                                                             {.format = "rpm", .target = "bookworm"}})
    EXPECT_EQ(error_of(wrong), ApiError::promotion_invalid);
  EXPECT_TRUE(world_.queue.ids()->empty());
}

TEST_F(PromotionServiceTest, ListsTheNewestFirst) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(world_.promotions.add({}, world_.caller));
  const auto first = world_.promotions.list({.limit = 3});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->records.front().order.id, PromotionId{5});
  EXPECT_EQ(first->last_shown, PromotionId{3});
  const auto rest = world_.promotions.list({.limit = 3, .before = first->last_shown});
  EXPECT_EQ(rest->records.size(), 2u);
  EXPECT_EQ(rest->records.back().order.id, PromotionId{1});
  EXPECT_FALSE(rest->last_shown);
}

}  // namespace
}  // namespace packyard
