#include "storage/catalog.h"
#include "tests/support/catalog_fixture.h"

namespace packyard {
namespace {

using CatalogPackagesTest = CatalogFixture;

TEST_F(CatalogPackagesTest, APackageComesBackWhole) {
  const auto added = make("acme", "1:2.0~rc1-3");
  const std::int64_t id = catalog_.add_package(added).value();
  const auto found = catalog_.find_package(added.staged, added.home).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, id);
  EXPECT_EQ(found->published, added.published);
  EXPECT_EQ(found->version, "1:2.0~rc1-3");
  EXPECT_EQ(found->record, added.record);
  EXPECT_EQ(catalog_.package(id)->file_name, added.file_name);
  EXPECT_FALSE(catalog_.find_package(added.staged, "deb/core/2025/bookworm").value());
  EXPECT_EQ(catalog_.package(99).error().code, ErrorCode::corrupt);
}

TEST_F(CatalogPackagesTest, ANameIsTakenForEver) {
  const std::int64_t name = publish(el9_, make("acme", "1"), 1);
  const std::string path = "pool/rpm/core/2025/el9-x86_64/acme-1.rpm";
  ASSERT_TRUE(catalog_.set_name_state(name, NameState::purged));
  const auto found = catalog_.find_name(path).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state, NameState::purged);
  EXPECT_EQ(catalog_.add_name(path, found->package).error().code, ErrorCode::conflict);
}

TEST_F(CatalogPackagesTest, ASupersededNameLeadsToTheOneInForce) {
  const std::int64_t first = publish(el9_, make("acme", "1"), 1), second = publish(el9_, make("acme", "2"), 2);
  const std::int64_t third = publish(el9_, make("acme", "3"), 3);
  EXPECT_EQ(catalog_.in_force(first)->id, first);
  ASSERT_TRUE(catalog_.supersede(first, second));
  ASSERT_TRUE(catalog_.supersede(second, third));
  EXPECT_EQ(catalog_.in_force(first)->id, third);
  EXPECT_EQ(catalog_.in_force(second)->id, third);
  EXPECT_EQ(catalog_.find_name("pool/rpm/core/2025/el9-x86_64/acme-1.rpm").value()->superseded_by, second);
  EXPECT_EQ(catalog_.in_force(99).error().code, ErrorCode::corrupt);
}

TEST_F(CatalogPackagesTest, SignedBytesAreFoundByWhatWasStaged) {
  const auto package = make("acme", "1");
  EXPECT_FALSE(catalog_.find_signed(package.staged).value());
  const std::int64_t name = publish(el9_, package, 1);
  EXPECT_EQ(catalog_.find_signed(package.staged).value()->published, package.published);
  ASSERT_TRUE(catalog_.set_name_state(name, NameState::retired));
  EXPECT_FALSE(catalog_.find_signed(package.staged).value());
}

TEST_F(CatalogPackagesTest, NamesThatNoGenerationListsAreFound) {
  publish(el9_, make("stays", "1"), 1);
  publish(el9_, make("goes", "1"), 1);
  publish(el9_, make("returns", "1"), 1);
  const auto listings = catalog_.listings(el9_, 1).value();
  for (const auto& listing : listings) {
    if (listing.name != "stays") {
      ASSERT_TRUE(catalog_.unlist(listing.id, 3));
    }
  }
  ASSERT_TRUE(catalog_.list(el9_, catalog_.find_name("pool/rpm/core/2025/el9-x86_64/returns-1.rpm").value()->id, 5));
  const auto dead = [&](std::vector<std::uint64_t> generations) {
    std::vector<std::string> names;
    const auto found = catalog_.unlisted_names(el9_, generations).value();
    for (const auto& name : found) names.push_back(name.path.substr(name.path.rfind('/') + 1));
    return names;
  };
  EXPECT_EQ(dead({2, 5}), std::vector<std::string>{});
  EXPECT_EQ(dead({3, 5}), std::vector<std::string>{"goes-1.rpm"});
  EXPECT_EQ(dead({3, 4}), (std::vector<std::string>{"goes-1.rpm", "returns-1.rpm"}));
  EXPECT_EQ(dead({}).size(), 3u);
}

TEST_F(CatalogPackagesTest, FindsEveryNameOfAFile) {
  const std::int64_t id = catalog_.add_package(make("acme", "1")).value();
  ASSERT_TRUE(catalog_.add_name("pool/b/acme-1.rpm", id));
  ASSERT_TRUE(catalog_.add_name("pool/a/acme-1.rpm", id));
  const auto names = catalog_.names_of_file("acme-1.rpm").value();
  ASSERT_EQ(names.size(), 2u);
  EXPECT_EQ(names[0].path, "pool/a/acme-1.rpm");
}

}  // namespace
}  // namespace packyard
