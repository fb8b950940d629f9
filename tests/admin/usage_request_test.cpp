#include "admin/usage_request.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(UsageRequest, ReadsItsParametersAndWritesThemBack) {
  EXPECT_FALSE(parse_usage_request("")->from);
  const auto query = parse_usage_request("from=2026-01-01&to=2026-02-28&limit=7");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->from->text(), "2026-01-01");
  EXPECT_EQ(query->to->text(), "2026-02-28");
  EXPECT_EQ(query->limit, 7u);
  const std::string next = next_usage_text(*query, UtcDay::parse("2026-01-07").value());
  EXPECT_EQ(next, "from=2026-01-01&to=2026-02-28&limit=7&cursor=2026-01-07");
  EXPECT_EQ(parse_usage_request(next)->after->text(), "2026-01-07");
}

TEST(UsageRequest, RefusesWhatItDoesNotKnow) {
  const auto code = [](const char* text) { return parse_usage_request(text).error().error; };
  for (const char* text : {"from=today", "from=", "to=2026-02-30", "limit=0", "limit=1001", "limit=-1", "limit=1x", "cursor=x",
                           "from=2026-01-01&from=2026-01-01"})
    EXPECT_EQ(code(text), ApiError::query_invalid) << text;
  EXPECT_EQ(code("until=2026-01-01"), ApiError::query_unknown);
}

}  // namespace
}  // namespace packyard
