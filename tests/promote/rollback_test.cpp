#include "promote/rollback.h"

#include "promote/refresh.h"
#include "promote/withdrawal.h"
#include "tests/support/press_fixture.h"

namespace packyard {
namespace {

using Names = std::set<std::string>;
const std::string core9 = "rpm/core/2025/el9-x86_64";
const std::string plus9 = "rpm/plus/2025/el9-x86_64";

class RollbackTest : public PressFixture {
 protected:
  RollbackTest() {
    stage_package("acme", "1.0");
    stage_package("extra", "1.0", "x86_64", "plus/2025/rpm/el9-x86_64");
    publish();
    stage_package("acme", "1.1");
    publish();
    stage_package("extra", "1.1", "x86_64", "plus/2025/rpm/el9-x86_64");
    publish();
  }
  Scope component(const char* name) {
    Scope scope;
    scope.component = ComponentName::parse(name).value();
    return scope;
  }
};

TEST_F(RollbackTest, RestoresAScopeInANewReleaseAndLeavesTheRest) {
  const auto outcome = roll_back(*parts_, {component("core"), std::nullopt, OtherPromotions::kept}).value();
  EXPECT_EQ(outcome.release, 4u);
  EXPECT_EQ(outcome.from, 1u);
  ASSERT_EQ(outcome.changes.size(), 1u);
  EXPECT_EQ(outcome.changes[0].kind, ChangeKind::removed);
  EXPECT_EQ(listed(core9), Names{"acme 1.0"});
  EXPECT_EQ(listed(plus9), (Names{"extra 1.0", "extra 1.1"}));
  EXPECT_NE(read(public_ / "current/release.json").find("rollback"), std::string::npos);
}

TEST_F(RollbackTest, AStoreWideOneMustNotUndoLaterPromotionsOfOthers) {
  const auto refused = roll_back(*parts_, {{}, 1, OtherPromotions::kept});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);
  EXPECT_NE(refused.error().message.find("--force"), std::string::npos);
  EXPECT_TRUE(roll_back(*parts_, {{}, 1, OtherPromotions::undone})->release);
  EXPECT_EQ(listed(core9), Names{"acme 1.0"});
  EXPECT_EQ(listed(plus9), Names{"extra 1.0"});
}

TEST_F(RollbackTest, TheLastPromotionAloneMayBeUndone) {
  EXPECT_TRUE(roll_back(*parts_, {})->release);
  EXPECT_EQ(listed(core9), (Names{"acme 1.0", "acme 1.1"}));
  EXPECT_EQ(listed(plus9), Names{"extra 1.0"});
}

TEST_F(RollbackTest, WhatWasTakenBackCanBePromotedAgainWithTheSameBytes) {
  const std::string before = read(public_ / "pool" / core9 / "packages/a/acme-1.1.x86_64.rpm");
  ASSERT_TRUE(roll_back(*parts_, {component("core"), std::nullopt, OtherPromotions::kept}));
  stage_package("acme", "1.1");
  publish();
  EXPECT_EQ(listed(core9), (Names{"acme 1.0", "acme 1.1"}));
  EXPECT_EQ(read(public_ / "pool" / core9 / "packages/a/acme-1.1.x86_64.rpm"), before);
}

TEST_F(RollbackTest, AWithdrawnPackageDoesNotComeBack) {
  ASSERT_TRUE(withdraw(*parts_, {"acme-1.0.x86_64.rpm", {}, WithdrawnBytes::kept_while_releases_need_them}));
  ASSERT_TRUE(roll_back(*parts_, {component("core"), 1, OtherPromotions::kept}));
  EXPECT_EQ(listed(core9), Names{});
}

TEST_F(RollbackTest, RefusesWhatIsNotThere) {
  EXPECT_EQ(roll_back(*parts_, {{}, 99, OtherPromotions::kept}).error().code, ErrorCode::not_found);
  EXPECT_EQ(roll_back(*parts_, {{}, 3, OtherPromotions::kept}).error().code, ErrorCode::invalid);
  EXPECT_EQ(roll_back(*parts_, {component("core"), 2, OtherPromotions::kept}).error().code, ErrorCode::invalid);
}

TEST_F(RollbackTest, ARefreshIsNoOtherContentToGoBackTo) {
  ASSERT_EQ(refresh(*parts_, component("core"))->release, 4u);
  const auto outcome = roll_back(*parts_, {component("core"), std::nullopt, OtherPromotions::kept}).value();
  EXPECT_EQ(outcome.from, 1u);
  EXPECT_EQ(listed(core9), Names{"acme 1.0"});
  EXPECT_EQ(listed(plus9), (Names{"extra 1.0", "extra 1.1"}));
}

TEST_F(RollbackTest, ARefreshIsNoLaterPromotionThatWouldBeUndone) {
  ASSERT_TRUE(refresh(*parts_, component("core")));
  EXPECT_EQ(roll_back(*parts_, {{}, 2, OtherPromotions::kept})->from, 2u);
  EXPECT_EQ(listed(core9), (Names{"acme 1.0", "acme 1.1"}));
  EXPECT_EQ(listed(plus9), Names{"extra 1.0"});
}

TEST_F(RollbackTest, AReleaseThatDiffersByAWithdrawnPackageOnlyIsPassedOver) {
  ASSERT_TRUE(withdraw(*parts_, {"acme-1.1.x86_64.rpm", {}, WithdrawnBytes::kept_while_releases_need_them}));
  EXPECT_EQ(roll_back(*parts_, {component("core"), 2, OtherPromotions::kept}).error().code, ErrorCode::invalid);
  EXPECT_EQ(roll_back(*parts_, {component("core"), std::nullopt, OtherPromotions::kept}).error().code, ErrorCode::not_found);
  EXPECT_EQ(live(), 4u);
}

TEST_F(RollbackTest, SupplementsComeBackToo) {
  stage("core/2025/rpm/el9-x86_64", "comps.xml", "first");
  publish();
  stage("core/2025/rpm/el9-x86_64", "comps.xml", "second");
  publish();
  const auto index = [&] {
    std::string path = read(public_ / "current" / core9 / "repomd.xml");
    return read(public_ / path.substr(0, path.find('\n')));
  };
  ASSERT_NE(index().find("second"), std::string::npos);
  EXPECT_EQ(roll_back(*parts_, {component("core"), std::nullopt, OtherPromotions::kept})->from, 4u);
  EXPECT_NE(index().find("first"), std::string::npos);
  EXPECT_EQ(index().find("second"), std::string::npos);
}

TEST_F(RollbackTest, NothingIsPublishedWhenTheResultWouldNotVerify) {
  verify_findings_ = {{"index", "does not fit"}};
  const auto outcome = roll_back(*parts_, {component("core"), std::nullopt, OtherPromotions::kept}).value();
  EXPECT_EQ(outcome.findings.size(), 1u);
  EXPECT_FALSE(outcome.release);
  EXPECT_EQ(live(), 3u);
  EXPECT_EQ(listed(core9), (Names{"acme 1.0", "acme 1.1"}));
}

}  // namespace
}  // namespace packyard
