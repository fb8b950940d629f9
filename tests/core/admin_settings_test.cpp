#include "core/admin_settings.h"

#include <gtest/gtest.h>

#include "core/settings_file.h"

namespace packyard {
namespace {

constexpr std::string_view rest = R"(components: [{name: core, years: [2025]}]
storage: {staging: s, state: t, published: p, public_keys: k}
)";

Result<Settings> parse(std::string_view admin) { return parse_settings(std::string(rest) + std::string(admin), "/base", "test", {}); }

TEST(AdminSettingsSection, TokensHaveNamesRolesAndFiles) {
  const auto settings = parse(
      "admin: {tokens: [{name: support, role: read, file: t/support}, {name: j.doe@example.org, role: keys, file: /run/t},"
      " {name: ci, role: all, file: c}]}\n");
  ASSERT_TRUE(settings) << settings.error().message;
  const auto& tokens = settings->admin.tokens;
  ASSERT_EQ(tokens.size(), 3u);
  EXPECT_EQ(tokens[0].name, "support");
  EXPECT_EQ(tokens[0].role, AdminRole::read);
  EXPECT_EQ(tokens[0].file, "/base/t/support");
  EXPECT_EQ(tokens[1].role, AdminRole::keys);
  EXPECT_EQ(tokens[1].file, "/run/t");
  EXPECT_EQ(tokens[2].role, AdminRole::all);
  EXPECT_TRUE(settings->admin.asks_for_token());
  EXPECT_FALSE(parse("")->admin.asks_for_token());
}

TEST(AdminSettingsSection, OutsideLoopbackOneTokenOfAnyKindIsNeeded) {
  const std::string open = "admin: {listen: '0.0.0.0:8088', allow_non_loopback: true";
  EXPECT_FALSE(parse(open + "}\n"));
  EXPECT_TRUE(parse(open + ", token_file: t}\n"));
  EXPECT_TRUE(parse(open + ", tokens: [{name: a, role: read, file: f}]}\n"));
}

TEST(AdminSettingsSection, RolesReadBack) {
  for (const AdminRole role : {AdminRole::read, AdminRole::keys, AdminRole::all}) EXPECT_EQ(parse_admin_role(to_string(role)), role);
  EXPECT_EQ(parse_admin_role("root"), std::nullopt);
}

}  // namespace
}  // namespace packyard
