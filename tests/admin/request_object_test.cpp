#include "admin/request_object.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(RequestObject, IsOneObject) {
  EXPECT_EQ(parse_request_object(R"({"a":1})")->items.size(), 1u);
  EXPECT_EQ(parse_request_object("[]").error().error, ApiError::json_invalid);
  EXPECT_EQ(parse_request_object("{").error().error, ApiError::json_invalid);
  EXPECT_EQ(parse_request_object(R"({"a":1,"a":2})").error().error, ApiError::field_duplicate);
}

TEST(RequestObject, RefusalsNameTheFieldEscaped) {
  const JsonNode field = parse_request_object("{\"\\u001b[31m\":1}")->items.front();
  for (const std::string& detail : {wrong_type(field, "a string").error().detail, unknown_field(field, "none").error().detail,
                                    text_field(field).error().detail, missing_field("\x1b").error().detail})
    EXPECT_EQ(detail.find('\x1b'), std::string::npos) << detail;
  EXPECT_EQ(text_field(parse_request_object(R"({"a":"x"})")->items.front()).value(), "x");
}

}  // namespace
}  // namespace packyard
