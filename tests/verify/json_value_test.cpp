#include "verify/json_value.h"

#include <gtest/gtest.h>

#include <array>

namespace packyard {
namespace {

TEST(JsonValue, IsReadByName) {
  const auto value = read_json_value(R"({"n":7,"t":"x","z":null,"l":[1,[2],{}],"m":{"a":"b"},"f":1.5})", 100);
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(*value->find("n")->number(), 7u);
  EXPECT_EQ(*value->find_text("t"), "x");
  EXPECT_TRUE(value->find("z")->is_null());
  EXPECT_FALSE(value->find("f")->is_null());
  EXPECT_EQ(value->find("f")->number(), nullptr);
  ASSERT_EQ(value->find("l")->list()->size(), 3u);
  EXPECT_EQ(*value->find("l")->list()->at(1).list()->at(0).number(), 2u);
  EXPECT_EQ(value->find_text("n"), nullptr);
  EXPECT_EQ(value->find("absent"), nullptr);
  EXPECT_EQ(value->find("n")->find("n"), nullptr);
  EXPECT_TRUE(value->has_exactly({"n", "t", "z", "l", "m", "f"}));
  EXPECT_FALSE(value->has_exactly({"n", "t", "z", "l", "m"}));
  EXPECT_FALSE(value->has_exactly({"n", "t", "z", "l", "m", "g"}));
  EXPECT_EQ(read_text_map(*value->find("m"), "m")->at("a"), "b");
  EXPECT_FALSE(read_text_map(*value, "the whole"));
  EXPECT_FALSE(read_text_map(*value->find("l"), "l"));
}

TEST(JsonValue, KnowsNamesThatGoTakesForOthers) {
  constexpr std::array<std::string_view, 2> known = {"digest", "links"};
  for (const char* fine : {"{}", R"({"digest":1,"links":2,"digests":3,"other":4})"})
    EXPECT_TRUE(check_names(*read_json_value(fine, 10), known, "it")) << fine;
  for (const char* odd : {R"({"Digest":1})", R"({"digeſt":1})", R"({"lin\u212aS":1})", "[]"})
    EXPECT_FALSE(check_names(*read_json_value(odd, 10), known, "it")) << odd;
}

TEST(JsonValue, HasOptionalTexts) {
  const auto value = read_json_value(R"({"a":"x","b":null,"c":1})", 10);
  EXPECT_EQ(*optional_text(*value, "a"), "x");
  EXPECT_EQ(*optional_text(*value, "b"), "");
  EXPECT_EQ(*optional_text(*value, "absent"), "");
  EXPECT_FALSE(optional_text(*value, "c"));
}

TEST(JsonValue, MayBeAnything) {
  EXPECT_EQ(*read_json_value("\"x\"", 1)->text(), "x");
  EXPECT_TRUE(read_json_value("null", 1)->is_null());
  EXPECT_FALSE(read_json_value("", 1));
}

TEST(JsonValue, IsBoundedInNumber) {
  EXPECT_TRUE(read_json_value("[1,{\"a\":[]}]", 4));
  EXPECT_EQ(read_json_value("[1,{\"a\":[]}]", 3).error().message, "is malformed: too many values");
}

}  // namespace
}  // namespace packyard
