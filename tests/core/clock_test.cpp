#include "core/clock.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(ManualClock, MovesOnlyWhenToldOrSlept) {
  ManualClock clock(Timestamp{100});
  EXPECT_EQ(clock.now(), Timestamp{100});
  clock.sleep_for(std::chrono::milliseconds(2500));
  EXPECT_EQ(clock.now(), Timestamp{102});
  clock.set(Timestamp{50});
  EXPECT_EQ(clock.now(), Timestamp{50});
}

TEST(SystemClock, TellsAPlausibleTime) {
  EXPECT_GT(SystemClock().now(), Timestamp::parse_rfc3339("2025-01-01T00:00:00Z").value());
}

}  // namespace
}  // namespace packyard
