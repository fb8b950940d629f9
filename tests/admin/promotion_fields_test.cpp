#include "admin/promotion_fields.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(PromotionFields, ReadBack) {
  const PromotionFields all{"core", "2025", "deb", "bookworm", PromotionMode::dry_run};
  EXPECT_EQ(parse_promotion_fields(promotion_fields_json(all)).value(), all);
  EXPECT_EQ(parse_promotion_fields("{}").value(), PromotionFields{});
  EXPECT_EQ(parse_promotion_fields(R"({"component":null,"dry_run":false})").value(), PromotionFields{});
}

TEST(PromotionFields, RefusesOtherShapes) {
  const auto error_of = [](std::string_view body) {
    const auto fields = parse_promotion_fields(body);
    return fields ? ApiError::internal : fields.error().error;
  };
  EXPECT_EQ(error_of(""), ApiError::json_invalid);
  EXPECT_EQ(error_of("[]"), ApiError::json_invalid);
  EXPECT_EQ(error_of("{} {}"), ApiError::json_invalid);
  EXPECT_EQ(error_of(R"({"colour":"red"})"), ApiError::field_unknown);
  EXPECT_EQ(error_of(R"({"component":1})"), ApiError::field_type);
  EXPECT_EQ(error_of(R"({"year":2025})"), ApiError::field_type);
  EXPECT_EQ(error_of(R"({"dry_run":"yes"})"), ApiError::field_type);
  EXPECT_EQ(error_of(R"({"dry_run":null})"), ApiError::field_type);
  EXPECT_EQ(error_of(R"({"target":"a","target":"b"})"), ApiError::field_duplicate);
}

TEST(PromotionListRequest, ReadsPages) {
  EXPECT_EQ(parse_promotion_list_request("")->limit, 50u);
  const auto request = parse_promotion_list_request("limit=7&cursor=prm_9");
  EXPECT_EQ(request->limit, 7u);
  EXPECT_EQ(request->before, PromotionId{9});
  EXPECT_EQ(next_promotions_text(*request, PromotionId{3}), "limit=7&cursor=prm_3");
  for (const char* wrong : {"limit=0", "limit=101", "limit=x", "limit=", "cursor=7", "cursor=../7", "limit=1&limit=1"})
    EXPECT_EQ(parse_promotion_list_request(wrong).error().error, ApiError::query_invalid) << wrong;
  EXPECT_EQ(parse_promotion_list_request("state=queued").error().error, ApiError::query_unknown);
}

}  // namespace
}  // namespace packyard
