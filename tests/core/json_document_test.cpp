#include "core/json_document.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

using Kind = JsonNode::Kind;

std::string problem(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed ? "" : parsed.error().message;
}

TEST(JsonDocument, GivesTheTree) {
  const auto parsed =
      parse_json(R"({"a":[1,"x",null,true,{"b":{}}],"grün":"\u00e4\n","n":-1,"f":1.5,"e":1e3,"max":18446744073709551615})");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  const JsonNode& a = *parsed->find("a");
  ASSERT_EQ(a.items.size(), 5U);
  EXPECT_EQ(a.items[0].whole, 1U);
  EXPECT_EQ(a.items[1].text, "x");
  EXPECT_EQ(a.items[2].kind, Kind::null);
  EXPECT_TRUE(a.items[3].kind == Kind::boolean && a.items[3].is_true);
  EXPECT_EQ(a.items[4].find("b")->kind, Kind::object);
  EXPECT_EQ(parsed->find("grün")->text, "ä\n");
  for (const char* name : {"n", "f", "e"}) {
    EXPECT_EQ(parsed->find(name)->kind, Kind::number) << name;
    EXPECT_FALSE(parsed->find(name)->whole.has_value()) << name;
  }
  EXPECT_EQ(parsed->find("max")->whole, UINT64_MAX);
  EXPECT_EQ(parsed->find("absent"), nullptr);
  EXPECT_EQ(a.find("b"), nullptr);
  EXPECT_EQ(parse_json(" \"alone\" ")->text, "alone");
}

TEST(JsonDocument, WhatReadersUnderstandDifferentlyIsRefused) {
  EXPECT_EQ(problem(R"({"a":1,"b":2,"a":3})"), "an object has one name twice");
  EXPECT_EQ(problem(R"({"a":1,"\u0061":3})"), "an object has one name twice");
  EXPECT_EQ(problem(R"([{"x":{"a":1,"a":1}}])"), "an object has one name twice");
  EXPECT_EQ(problem(R"([{"a":1},{"a":1}])"), "");
  EXPECT_EQ(problem("\xef\xbb\xbf{}"), "it begins with a byte order mark, which JSON has not");
  EXPECT_EQ(problem(std::string_view("{}\0{}", 5)), "not JSON: it has a NUL byte");
}

TEST(JsonDocument, WhatIsNotJsonIsRefusedWithoutQuotingIt) {
  EXPECT_EQ(problem("{} {}"), "not JSON near byte 4");
  for (const char* text : {"", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "'x'", "nul", "01", "\"\xff\"", "\"\n\"", "// x\n{}",
                           "NaN", "1e999", "\"\\ud800\"", "]", "}"})
    EXPECT_TRUE(problem(text).starts_with("not JSON near byte ")) << text << ": " << problem(text);
}

TEST(JsonDocument, DepthAndNumberOfValuesAreLimited) {
  EXPECT_EQ(problem(std::string(32, '[') + std::string(32, ']')), "");
  EXPECT_EQ(problem(std::string(33, '[') + std::string(33, ']')), "more than 32 levels");
  EXPECT_EQ(problem(std::string(1 << 20, '[')), "more than 32 levels");
  std::string many = "[0";
  for (int i = 0; i < 199'998; ++i) many += ",0";
  EXPECT_EQ(problem(many + "]"), "");
  EXPECT_EQ(problem(many + ",0]"), "more than 200,000 values");
}

}  // namespace
}  // namespace packyard
