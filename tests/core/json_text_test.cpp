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

TEST(JsonText, ATreeIsWrittenAsItWasRead) {
  const std::string text = R"({"a":[1,-2,1.50,1E+2,123456789012345678901234567890,"x\u000a",null,true,false,{"b":{}}],"grün":[]})";
  EXPECT_EQ(json_text(parse_json(text).value()), text);
  EXPECT_EQ(json_text(parse_json(" { \"a\" : [ 1 , 2 ] }\n").value()), R"({"a":[1,2]})");
}

}  // namespace
}  // namespace packyard
