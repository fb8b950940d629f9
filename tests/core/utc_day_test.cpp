#include "core/utc_day.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(UtcDay, RoundTrips) {
  for (const char* text : {"1970-01-01", "2024-02-29", "2026-11-22", "2999-12-31"}) {
    const auto day = UtcDay::parse(text);
    ASSERT_TRUE(day) << text;
    EXPECT_EQ(day->text(), text);
  }
}

TEST(UtcDay, RefusesWhatIsNoDay) {
  for (const char* text : {"", "2026-02-29", "2026-1-1", "20260101", "2026-01-01T00:00:00Z", "1969-12-31", "2026-01-01 ", "2026/01/01"})
    EXPECT_FALSE(UtcDay::parse(text)) << text;
}

TEST(UtcDay, HoldsItsSecondsAndNoOthers) {
  const UtcDay day = UtcDay::parse("2026-11-22").value();
  EXPECT_EQ(day.start().rfc3339(), "2026-11-22T00:00:00Z");
  EXPECT_EQ(day.last_second().rfc3339(), "2026-11-22T23:59:59Z");
  EXPECT_EQ(UtcDay::of(day.start()), day);
  EXPECT_EQ(UtcDay::of(day.last_second()), day);
  EXPECT_EQ(UtcDay::of(Timestamp{day.start().seconds - 1}), day.before(1));
  EXPECT_EQ(UtcDay::of(Timestamp{-1}), UtcDay{-1});
}

}  // namespace
}  // namespace packyard
