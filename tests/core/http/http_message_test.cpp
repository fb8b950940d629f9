#include "core/http/http_message.h"

#include <gtest/gtest.h>

namespace packyard::http {
namespace {

TEST(HttpMessage, HeaderNamesAreTheSameInAnyCaseAndWithDashesOnly) {
  EXPECT_TRUE(same_header_name("X-Forwarded-Uri", "x-forwarded-URI"));
  EXPECT_FALSE(same_header_name("X-Forwarded-Uri", "X_Forwarded_Uri"));
  EXPECT_FALSE(same_header_name("X-Forwarded-Uri", "X.Forwarded.Uri"));
  EXPECT_FALSE(same_header_name("X-Forwarded-Uri", "X-Forwarded-Uri "));
  EXPECT_FALSE(same_header_name("@", "`"));  // 0x20 apart, no letters
}

}  // namespace
}  // namespace packyard::http
