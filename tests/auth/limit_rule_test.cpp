#include "auth/limit_rule.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

constexpr Timestamp evening{20'000 * day_seconds + day_seconds - 60};

TEST(LimitRule, WithoutLimitsNothingIsReached) {
  EXPECT_FALSE(reached_limit({}, {1ull << 60, 1ull << 60, true}, evening));
}

TEST(LimitRule, TheRequestBeyondTheLimitIsRefused) {
  const KeyLimits limits{.requests_per_day = 5};
  EXPECT_FALSE(reached_limit(limits, {4, 99, true}, evening));
  EXPECT_EQ(reached_limit(limits, {5, 0, false}, evening), (ReachedLimit{LimitKind::requests_per_day, 5, 60}));
  EXPECT_TRUE(reached_limit(limits, {6, 0, false}, evening));
}

TEST(LimitRule, OnlyAnotherAddressIsRefused) {
  const KeyLimits limits{.addresses_per_day = 2};
  EXPECT_FALSE(reached_limit(limits, {99, 1, true}, evening));
  EXPECT_FALSE(reached_limit(limits, {99, 2, false}, evening));
  EXPECT_EQ(reached_limit(limits, {99, 2, true}, evening), (ReachedLimit{LimitKind::addresses_per_day, 2, 60}));
  EXPECT_FALSE(reached_limit(limits, {99, 3, false}, evening)) << "those that two gates let in at once go on";
}

TEST(LimitRule, TheSentenceNamesTheLimit) {
  EXPECT_NE(explain({LimitKind::requests_per_day, 1000, 1}).find("1000 requests a day"), std::string::npos);
  EXPECT_NE(explain({LimitKind::addresses_per_day, 3, 1}).find("3 client addresses a day"), std::string::npos);
}

}  // namespace
}  // namespace packyard
