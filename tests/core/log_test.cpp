#include "core/log.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(Log, WritesOneEscapedLinePerEvent) {
  testing::internal::CaptureStderr();
  const Log log(LogLevel::info);
  log.debug("not_shown");
  log.info("request_denied", {{"target", "/a\nb c"}, {"status", 403}});
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find(" info request_denied target=\"/a\\x0ab c\" status=403\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("not_shown"), std::string::npos);
}

TEST(EscapeForLog, CutsAndEscapes) {
  EXPECT_EQ(escape_for_log("a\"\\\x7f\xc3"), "a\\x22\\x5c\\x7f\\xc3");
  EXPECT_EQ(escape_for_log(std::string(300, 'a')).size(), 203u);
}

}  // namespace
}  // namespace packyard
