#include "promote/json_fields.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

std::string refusal(const std::string& text) {
  const auto node = parse_json(text).value();
  const auto fields = JsonFields::of(node, {"layers", "mediaType"});
  return fields ? "" : fields.error().message;
}

TEST(JsonFields, GiveValuesByNameAndType) {
  const auto node = parse_json(R"({"t":"x","n":7,"f":1.5,"l":["a","b"],"m":["a",1],"o":{"k":"v"},"p":{"k":1},"z":null})").value();
  const JsonFields fields = JsonFields::of(node, {"t"}).value();
  EXPECT_EQ(fields.text("t"), "x");
  EXPECT_EQ(fields.text("absent"), "");
  EXPECT_EQ(fields.text("z"), "");
  EXPECT_FALSE(fields.has("z"));
  EXPECT_TRUE(fields.has("t"));
  EXPECT_EQ(fields.text("n").error().message, "the field 'n' is not a text");
  EXPECT_EQ(fields.whole("n").value(), 7U);
  EXPECT_FALSE(fields.whole("absent").value());
  EXPECT_EQ(fields.whole("f").error().message, "the field 'f' is not a whole number");
  EXPECT_EQ(fields.texts("l").value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(fields.texts("m").error().message, "the field 'm' is not a list of texts");
  EXPECT_TRUE(fields.texts("absent").value().empty());
  EXPECT_EQ(fields.text_by_name("o").value(), (std::map<std::string, std::string>{{"k", "v"}}));
  EXPECT_EQ(fields.text_by_name("p").error().message, "the field 'p' is not an object of texts");
  EXPECT_EQ(fields.list("o").error().message, "the field 'o' is not a list");
  EXPECT_EQ(fields.object("z").value(), nullptr);
}

TEST(JsonFields, SpellingsThatSomeReadersTakeAreRefused) {
  const std::string wanted = "a field that some clients take for 'layers' and others do not";
  EXPECT_EQ(refusal(R"({"layers":[],"other":1,"Other":2})"), "");
  EXPECT_EQ(refusal(R"({"Layers":[]})"), wanted);
  EXPECT_EQ(refusal(R"({"layers":[],"LAYERS":[]})"), wanted);
  EXPECT_EQ(refusal(R"({"layer\u017f":[]})"), wanted);  // Go folds the long s
  EXPECT_EQ(refusal("[]"), "not a JSON object");
}

}  // namespace
}  // namespace packyard
