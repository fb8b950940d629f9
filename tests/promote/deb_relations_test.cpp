#include "promote/deb_relations.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

Result<void> check(const std::string& field, const std::string& value) {
  return check_deb_relations(DebControl::parse("Package: acme\n" + field + ": " + value + "\n").value());
}

TEST(DebRelations, TakesWhatDpkgAndAptRead) {
  for (const char* value :
       {"libc6", "libc6 (>= 2.36), perl:any | python3:amd64 (<< 3.12~), a(=1:2+b-3)", "libc6,", "x ( >= 1.0 ) ,y", "old (< 1)",
        "libc6 (>= 2.0),\n foo |\n bar", "g++-12, lib.x_y-1+z"})
    EXPECT_TRUE(check("Depends", value).has_value()) << value << ": " << check("Depends", value).error().message;
  EXPECT_TRUE(check("Provides", "mail-transport-agent, perlapi-5.36.0 (= 5.36.0)").has_value());
  EXPECT_TRUE(check("Description", "not a relation (").has_value());
  EXPECT_TRUE(check_deb_relations(DebControl::parse("Package: acme\n").value()).has_value());
}

// Each makes apt 2.6 say "The package lists or status file could not be parsed or opened", or dpkg refuse the package.
TEST(DebRelations, RefusesWhatWouldTakeAptFromEveryCustomer) {
  for (const char* value : {"libc6 (>= 2.0", "libc6 >= 2.0", "libc6 ()", "libc6 (>=)", "libc6 (2.0)", ", libc6", "a,, b", "a || b",
                            "a |", "a b", "a [amd64]", "a <!nocheck>", "${shlibs:Depends}", "a (>= 1 2)", "a)", "a:", "a (!= 1)",
                            "\xc3\xa4", "-a"}) {
    const auto checked = check("Depends", value);
    ASSERT_FALSE(checked.has_value()) << value;
    EXPECT_EQ(checked.error().code, ErrorCode::invalid);
    EXPECT_NE(checked.error().message.find("field Depends"), std::string::npos) << checked.error().message;
  }
  for (const char* field : {"Pre-Depends", "Recommends", "Suggests", "Enhances", "Conflicts", "Breaks", "Replaces", "Provides"})
    EXPECT_FALSE(check(field, "a (>= 1").has_value()) << field;
  for (const char* field : {"Conflicts", "Breaks", "Replaces", "Provides"}) EXPECT_FALSE(check(field, "a | b").has_value()) << field;
}

}  // namespace
}  // namespace packyard
