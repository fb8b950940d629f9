#include "core/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace packyard {
namespace {

TEST(JsonText, IsEscapedAndReadBackAsItWas) {
  const std::string text = "a\"\\\n\x01\x7f\xc3\xa9";
  EXPECT_EQ(nlohmann::json::parse(json_text(text)).get<std::string>(), text);
  EXPECT_EQ(json_text("server:1.4.2<>&"), "\"server:1.4.2<>&\"");
}

}  // namespace
}  // namespace packyard
