#include "admin/list_request.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

constexpr Timestamp now{1'767'225'600};

TEST(ListRequest, NothingAsksForEverything) {
  const auto query = parse_list_request("", now);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->limit, 0u);
  EXPECT_FALSE(query->component || query->status || query->expires_before || query->after);
}

TEST(ListRequest, TheNextPageAsksForTheSameBehindTheCursor) {
  const auto query =
      parse_list_request("component=core&status=in_grace&search=M%C3%BCller+%26&expires_before=2027-01-01T00:00:00Z&limit=7", now);
  ASSERT_TRUE(query) << query.error().detail;
  EXPECT_EQ(query->status, KeyStatus::in_grace);
  EXPECT_EQ(query->now, now);
  const KeyCursor cursor{Timestamp{-5}, KeyId{"key_0123456789abcdef"}};
  const auto next = parse_list_request(next_page_text(*query, cursor), now);
  ASSERT_TRUE(next) << next.error().detail;
  EXPECT_EQ(next->component, query->component);
  EXPECT_EQ(next->status, query->status);
  EXPECT_EQ(next->search, "Müller &");
  EXPECT_EQ(next->expires_before, query->expires_before);
  EXPECT_EQ(next->limit, 7u);
  EXPECT_EQ(next->after, cursor);
}

TEST(ListRequest, WhatIsNotUnderstoodIsRefused) {
  for (const char* text : {"limit=0", "limit=1001", "limit=", "limit=1x", "limit=-1", "status=Active", "component=CORE", "component=",
                           "expires_before=soon", "cursor=", "cursor=key_1", "cursor=1.x", "cursor=1.key_%2f", "cursor=1x.key_1"})
    EXPECT_EQ(parse_list_request(text, now).error().error, ApiError::query_invalid) << text;
  EXPECT_EQ(parse_list_request("label=x", now).error().error, ApiError::query_unknown);
}

}  // namespace
}  // namespace packyard
