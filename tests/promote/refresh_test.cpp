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

}  // namespace
}  // namespace packyard
