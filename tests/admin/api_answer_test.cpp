#include "admin/api_answer.h"

#include <gtest/gtest.h>

#include "tests/support/admin_world.h"

namespace packyard {
namespace {

TEST(ApiAnswer, AFailureIsAsTheCatalogueHasIt) {
  const http::Response plain = failure_answer({ApiError::key_not_found, {}});
  EXPECT_EQ(plain.status, 404u);
  EXPECT_EQ(header_of(plain, "Content-Type"), "application/json");
  EXPECT_EQ(error_code_of(plain), "key_not_found");
  EXPECT_EQ(header_of(plain, "Retry-After"), "");
  EXPECT_NE(failure_answer({ApiError::json_invalid, "near byte 3"}).body.find("near byte 3"), std::string::npos);
  EXPECT_EQ(header_of(failure_answer({ApiError::store_unavailable, {}}), "Retry-After"), "5");
  EXPECT_EQ(header_of(failure_answer({ApiError::queue_full, {}}), "Retry-After"), "5");
  EXPECT_NE(header_of(failure_answer({ApiError::token_needed, {}}), "WWW-Authenticate"), "");
}

}  // namespace
}  // namespace packyard
