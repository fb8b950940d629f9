#include "promote/withdrawal.h"

#include "tests/support/press_fixture.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;
const std::string el9 = "rpm/core/2025/el9-x86_64";

class WithdrawalTest : public PressFixture {
 protected:
  WithdrawalTest() {
    stage_package("docs", "1.0", "noarch");
    stage_package("acme", "1.0");
    publish();
  }
};

TEST_F(WithdrawalTest, ListsItNowhereAndNeverAgain) {
  const auto outcome = withdraw(*parts_, {"docs-1.0.noarch.rpm", {}, WithdrawnBytes::kept_while_releases_need_them}).value();
  EXPECT_EQ(outcome.release, 2u);
  EXPECT_EQ(outcome.changes.size(), 2u);
  EXPECT_EQ(listed(el9), Names{"acme 1.0"});
  EXPECT_EQ(listed("rpm/core/2025/el9-aarch64"), Names{});
  EXPECT_EQ(pool().size(), 3u);
  stage_package("docs", "1.0", "noarch");
  EXPECT_NE(promote()->findings.at(0).problem.find("withdrawn"), std::string::npos);
}

TEST_F(WithdrawalTest, PurgingRemovesTheBytesEverywhere) {
  ASSERT_TRUE(withdraw(*parts_, {"docs-1.0.noarch.rpm", {}, WithdrawnBytes::purged}));
  EXPECT_EQ(pool(), Names{"rpm/core/2025/el9-x86_64/packages/a/acme-1.0.x86_64.rpm"});
  EXPECT_FALSE(fs::exists(staging_folder_ / ".archive/000001/core/2025/rpm/el9-x86_64/docs-1.0.noarch.rpm"));
  EXPECT_TRUE(fs::exists(staging_folder_ / ".archive/000001/core/2025/rpm/el9-x86_64/acme-1.0.x86_64.rpm"));
}

TEST_F(WithdrawalTest, WhatWasWithdrawnCanStillBePurged) {
  ASSERT_TRUE(withdraw(*parts_, {"acme-1.0.x86_64.rpm", {}, WithdrawnBytes::kept_while_releases_need_them}));
  ASSERT_TRUE(withdraw(*parts_, {"acme-1.0.x86_64.rpm", {}, WithdrawnBytes::purged}));
  EXPECT_EQ(pool().size(), 2u);
}

TEST_F(WithdrawalTest, AnUnknownNameIsTold) {
  EXPECT_EQ(withdraw(*parts_, {"acme", {}, WithdrawnBytes::purged}).error().code, ErrorCode::not_found);
  Scope scope;
  scope.component = ComponentName::parse("plus").value();
  EXPECT_EQ(withdraw(*parts_, {"acme-1.0.x86_64.rpm", scope, WithdrawnBytes::purged}).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace packyard
