#include "core/settings_section.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(SettingsSection, VariablesWinAndUnknownNamesAreReported) {
  const YamlNode tree = parse_yaml("a: 1\nextra: 2\nlist: [x]\n").value();
  const Environment environment = {{"PACKYARD_TOP_A", "5"}, {"PACKYARD_TOP_LIST", "y,z"}};
  SettingsProblems problems;
  SettingsSection section(tree, "top", environment, problems);
  std::uint32_t a = 0;
  section.number("a", 1, 9, a);
  EXPECT_EQ(a, 5u);
  EXPECT_EQ(section.list("list").value().size(), 2u);
  section.finish();
  ASSERT_EQ(problems.found.size(), 1u);
  EXPECT_EQ(problems.found[0], "line 2: top.extra: unknown name; known here: a, list");
  EXPECT_TRUE(problems.used_variables.contains("PACKYARD_TOP_A"));
}

TEST(SettingsSection, WrongShapesAreProblems) {
  const YamlNode tree = parse_yaml("scalar: [1]\nlist: 1\neach: 1\nflag: 1\n").value();
  SettingsProblems problems;
  const Environment environment;
  SettingsSection section(tree, "", environment, problems);
  bool flag = false;
  EXPECT_FALSE(section.scalar("scalar"));
  EXPECT_FALSE(section.list("list"));
  section.each("each", [](SettingsSection&) { FAIL(); });
  section.flag("flag", flag);
  EXPECT_EQ(problems.found.size(), 4u);
}

}  // namespace
}  // namespace packyard
