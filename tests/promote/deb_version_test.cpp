#include "promote/deb_version.h"

#include <gtest/gtest.h>

#include "core/command_runner.h"

namespace packyard {
namespace {

struct Pair {
  const char* left;
  const char* order;
  const char* right;
};
const Pair pairs[] = {
    {"1.0", "eq", "1.0"},          {"1.0", "eq", "1.0-0"},         {"0:1.0", "eq", "1.0"},        {"1.0", "lt", "1.0-1"},
    {"1:0.1", "gt", "9.9"},        {"1.0~rc1", "lt", "1.0"},       {"1.0~rc1-1", "lt", "1.0~rc2-1"}, {"1.0~~", "lt", "1.0~"},
    {"1.0~~a", "lt", "1.0~"},      {"1.0+b1", "gt", "1.0"},        {"1.0+b1", "lt", "1.0.1~"},    {"1.0a", "lt", "1.0+"},
    {"1.0a", "gt", "1.0"},         {"1.2.10", "gt", "1.2.9"},      {"1.02", "eq", "1.2"},         {"1.2.a", "gt", "1.2.0"},
    {"1-1", "lt", "1-1+deb12u1"},  {"1-1~bpo12+1", "lt", "1-1"},   {"2.0-1-1", "gt", "2.0-1"},    {"20250101", "gt", "9"},
    {"1.0-1", "lt", "1.0-1.1"},    {"0.0.0", "eq", "0.00.000"},    {"1A", "lt", "1a"},            {"1Z", "lt", "1a"},
    {"99999999999999999999", "lt", "100000000000000000000"},       {"1.0-a", "lt", "1.0-a1"},     {"1.0-1~", "lt", "1.0-1"},
};

// The oracle is dpkg itself.
TEST(DebVersion, OrdersAsDpkgDoes) {
  SystemCommandRunner runner;
  for (const Pair& pair : pairs) {
    const DebVersion left = DebVersion::parse(pair.left).value(), right = DebVersion::parse(pair.right).value();
    const auto order = left <=> right;
    EXPECT_EQ(order < 0 ? "lt" : order > 0 ? "gt" : "eq", std::string(pair.order)) << pair.left << " " << pair.right;
    EXPECT_EQ((right <=> left) < 0, order > 0) << pair.left << " " << pair.right;
    const auto dpkg = runner.run(
        {.arguments = {"dpkg", "--compare-versions", pair.left, pair.order, pair.right}, .environment = {}, .input = {}});
    ASSERT_TRUE(dpkg.has_value()) << dpkg.error().message;
    EXPECT_EQ(dpkg->exit_status, 0) << pair.left << " " << pair.order << " " << pair.right;
  }
}

TEST(DebVersion, DropsOnlyTheEpoch) {
  EXPECT_EQ(DebVersion::parse("1:2.0-3")->without_epoch(), "2.0-3");
  EXPECT_EQ(DebVersion::parse("2.0")->without_epoch(), "2.0");
  EXPECT_EQ(DebVersion::parse("2.0-1-0")->without_epoch(), "2.0-1-0");
}

TEST(DebVersion, RefusesWhatPolicyRefuses) {
  for (const char* text : {"", ":1", "x:1", "-1:1", "4294967296:1", "2147483648:1", "a1", "1-", "1_0", "1 0", "1/0", "1:2:3",
                           "1-a_b", "1\n2", "1-2/.."})
    EXPECT_FALSE(DebVersion::parse(text).has_value()) << text;
  EXPECT_FALSE(DebVersion::parse(std::string(201, '1')).has_value());
}

}  // namespace
}  // namespace packyard
