#include "core/timestamp.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(Timestamp, RoundTripsRfc3339) {
  for (const char* text : {"1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2999-12-31T00:00:00Z"}) {
    const auto parsed = Timestamp::parse_rfc3339(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->rfc3339(), text);
  }
}

TEST(Timestamp, RefusesWhatIsNotUtcOrNotADay) {
  for (const char* text :
       {"", "2025-01-01", "2025-01-01T00:00:00", "2025-01-01T00:00:00+00:00", "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z",
        "2025-01-01T24:00:00Z", "2025-01-01t00:00:00z", "2025-01-01T00:00:60Z", "1969-12-31T23:59:59Z", " 025-01-01T00:00:00Z"})
    EXPECT_FALSE(Timestamp::parse_rfc3339(text)) << text;
}

TEST(Timestamp, WritesDebianDates) { EXPECT_EQ(Timestamp{0}.rfc5322_utc(), "Thu, 01 Jan 1970 00:00:00 UTC"); }

}  // namespace
}  // namespace packyard
