#include "core/yaml_document.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(YamlDocument, RemembersLines) {
  const auto tree = parse_yaml("a: 1\nb:\n  - x\n  - c: y\n");
  ASSERT_TRUE(tree);
  ASSERT_EQ(tree->items.size(), 2u);
  EXPECT_EQ(tree->items[1].name, "b");
  EXPECT_EQ(tree->items[1].line, 2);
  EXPECT_EQ(tree->items[1].items[0].line, 3);
  EXPECT_EQ(tree->items[1].items[1].items[0].text, "y");
}

TEST(YamlDocument, RefusesDuplicatesDepthAndNonsense) {
  EXPECT_NE(parse_yaml("a: 1\na: 2\n").error().message.find("line 2"), std::string::npos);
  EXPECT_FALSE(parse_yaml("a: [\n"));
  EXPECT_FALSE(parse_yaml(std::string(40, '[') + std::string(40, ']')));
  EXPECT_FALSE(parse_yaml("? [a]\n: b\n"));
  EXPECT_FALSE(parse_yaml(std::string((1 << 20) + 1, ' ')));
  EXPECT_TRUE(parse_yaml(""));
}

TEST(YamlDocument, RefusesAliasesThatGrow) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 8; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 9; ++j) bomb += "," + before;
    bomb += "]\n";
  }
  EXPECT_FALSE(parse_yaml(bomb));
}

}  // namespace
}  // namespace packyard
