#include "promote/refresh.h"

#include "tests/support/press_fixture.h"

namespace packyard {
namespace {

class RefreshTest : public PressFixture {
 protected:
  Scope rpm() {
    Scope scope;
    scope.format = Format::rpm;
    return scope;
  }
};

TEST_F(RefreshTest, SignsTheSameContentAnew) {
  stage_package("acme", "1.0");
  publish();
  const std::string before = read(public_ / "current/rpm/core/2025/el9-x86_64/repomd.xml");
  EXPECT_EQ(refresh(*parts_, rpm())->release, 2u);
  EXPECT_NE(read(public_ / "current/rpm/core/2025/el9-x86_64/repomd.xml"), before);
  EXPECT_EQ(listed("rpm/core/2025/el9-x86_64"), std::set<std::string>{"acme 1.0"});
}

TEST_F(RefreshTest, WithoutAScopeOnlyWhatExpires) {
  EXPECT_FALSE(refresh(*parts_, {})->release);  // nothing published
  stage_package("acme", "1.0");
  publish();
  EXPECT_FALSE(refresh(*parts_, {})->release);
  EXPECT_EQ(live(), 1u);
}

// A clock that was ten days ahead for one promotion must not stop all others for ten days.
TEST_F(RefreshTest, RedatingIsTheWayOutAfterAClockThatWasAhead) {
  stage_package("acme", "1.0", "x86_64", "core/2025/rpm/el8-x86_64");
  publish();
  EXPECT_FALSE(redate(*parts_)->release);  // nothing lies in the future
  const Timestamp right{clock_.now().seconds + 60};
  clock_.set(Timestamp{right.seconds + 864'000});
  stage_package("acme", "1.0");
  publish();
  clock_.set(right);
  stage_package("acme", "1.1");
  const auto blocked = promote();
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().code, ErrorCode::unavailable);

  EXPECT_EQ(redate(*parts_)->release, 3u);
  auto catalog = Catalog::open(state_ / "catalog.db").value();
  EXPECT_EQ(catalog.find_release(3).value()->published_at, right);
  EXPECT_EQ(catalog.find_release(3).value()->kind, ReleaseKind::refresh);
  const auto targets = catalog.release_targets(3).value();
  EXPECT_EQ(targets.at(TargetId::parse("rpm/core/2025/el9-x86_64").value()), 2u);
  EXPECT_EQ(targets.at(TargetId::parse("rpm/core/2025/el8-x86_64").value()), 1u);  // was dated rightly
  EXPECT_EQ(listed("rpm/core/2025/el9-x86_64"), std::set<std::string>{"acme 1.0"});
  EXPECT_FALSE(redate(*parts_)->release);
  EXPECT_EQ(publish(), 4u);
  EXPECT_EQ(listed("rpm/core/2025/el9-x86_64"), (std::set<std::string>{"acme 1.0", "acme 1.1"}));
  EXPECT_GT(catalog.find_release(4).value()->published_at, right);
}

}  // namespace
}  // namespace packyard
