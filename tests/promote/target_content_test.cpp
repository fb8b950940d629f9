#include "promote/target_content.h"

#include "tests/support/catalog_fixture.h"
#include "tests/support/fake_format.h"

namespace packyard {
namespace {

class TargetContentTest : public CatalogFixture {
 protected:
  const FakeFormat format_{{}};
};

TEST_F(TargetContentTest, IsSortedByNameThenByTheFormatsVersions) {
  for (const char* version : {"1.10", "1.9", "2.0"}) publish(el9_, make("acme", version), 1);
  publish(el9_, make("aaa", "1"), 1);
  const auto sorted = sorted_content(catalog_, format_, el9_, 1).value();
  std::vector<std::string> names;
  CatalogContent content(catalog_, sorted);
  EXPECT_EQ(content.count(), 4u);
  ASSERT_TRUE(content.for_each([&](const ListedPackage& package) -> Result<void> {
    names.push_back(package.facts.name + " " + package.facts.version);
    EXPECT_EQ(package.record.size(), 11u);
    return {};
  }));
  EXPECT_EQ(names, (std::vector<std::string>{"aaa 1", "acme 1.9", "acme 1.10", "acme 2.0"}));
  EXPECT_EQ(newest_versions(sorted).at({"acme", "x86_64"}), "2.0");
}

TEST_F(TargetContentTest, AVisitorsErrorEndsTheVisit) {
  publish(el9_, make("a", "1"), 1);
  publish(el9_, make("b", "1"), 1);
  const auto sorted = sorted_content(catalog_, format_, el9_, 1).value();
  int visits = 0;
  const auto visited = CatalogContent(catalog_, sorted).for_each([&](const ListedPackage&) -> Result<void> {
    ++visits;
    return fail(ErrorCode::invalid, "enough");
  });
  EXPECT_FALSE(visited);
  EXPECT_EQ(visits, 1);
}

}  // namespace
}  // namespace packyard
