#include "storage/catalog.h"
#include "tests/support/catalog_fixture.h"

namespace packyard {
namespace {

using CatalogListingsTest = CatalogFixture;

TEST_F(CatalogListingsTest, EveryGenerationCanBeReadBack) {
  publish(el9_, make("acme", "1"), 1);
  publish(el9_, make("acme", "2"), 2);
  ASSERT_TRUE(catalog_.unlist(catalog_.listings(el9_, 1)->front().id, 3));
  EXPECT_TRUE(catalog_.listings(el9_, 0)->empty());
  EXPECT_EQ(catalog_.listings(el9_, 1)->size(), 1u);
  EXPECT_EQ(catalog_.listings(el9_, 2)->size(), 2u);
  ASSERT_EQ(catalog_.listings(el9_, 3)->size(), 1u);
  EXPECT_EQ(catalog_.listings(el9_, 3)->front().version, "2");
  EXPECT_TRUE(catalog_.listings(el8_, 3)->empty());
}

TEST_F(CatalogListingsTest, AHeldNameIsTheTargetsAndListedNowhere) {
  const std::int64_t name = catalog_.add_name("pool/held", catalog_.add_package(make("acme", "1")).value()).value();
  EXPECT_EQ(catalog_.first_generation_of(el9_, name).value(), 0u);
  ASSERT_TRUE(catalog_.hold(el9_, name, 3));
  for (const std::uint64_t generation : {2, 3, 4}) EXPECT_TRUE(catalog_.listings(el9_, generation)->empty());
  EXPECT_EQ(catalog_.first_generation_of(el9_, name).value(), 3u);
  EXPECT_EQ(catalog_.unlisted_names(el9_, {3, 4})->size(), 1u);
  EXPECT_EQ(catalog_.targets_of_name(name).value(), std::vector<TargetId>{el9_});
}

TEST_F(CatalogListingsTest, SupplementsFollowTheSameRule) {
  ASSERT_TRUE(catalog_.set_supplement(el9_, "comps.xml", "one", 1));
  ASSERT_TRUE(catalog_.set_supplement(el9_, "updateinfo.xml", "u", 2));
  ASSERT_TRUE(catalog_.set_supplement(el9_, "comps.xml", "two", 3));
  using Texts = std::map<std::string, std::string>;
  EXPECT_EQ(catalog_.supplements(el9_, 1).value(), (Texts{{"comps.xml", "one"}}));
  EXPECT_EQ(catalog_.supplements(el9_, 2).value(), (Texts{{"comps.xml", "one"}, {"updateinfo.xml", "u"}}));
  EXPECT_EQ(catalog_.supplements(el9_, 3).value(), (Texts{{"comps.xml", "two"}, {"updateinfo.xml", "u"}}));
  ASSERT_TRUE(catalog_.replace_supplements(el9_, {{"comps.xml", "one"}}, 4));
  EXPECT_EQ(catalog_.supplements(el9_, 4).value(), (Texts{{"comps.xml", "one"}}));
  EXPECT_EQ(catalog_.supplements(el9_, 3).value(), (Texts{{"comps.xml", "two"}, {"updateinfo.xml", "u"}}));
}

TEST_F(CatalogListingsTest, TwentyThousandPackagesAreListedByName) {
  auto transaction = catalog_.begin().value();
  for (int i = 20'000; i > 0; --i) publish(el9_, make("p" + std::to_string(i), "1"), 1);
  ASSERT_TRUE(transaction.commit());
  const auto listings = catalog_.listings(el9_, 1).value();
  ASSERT_EQ(listings.size(), 20'000u);
  for (std::size_t i = 1; i < listings.size(); ++i) ASSERT_LT(listings[i - 1].name, listings[i].name);
}

}  // namespace
}  // namespace packyard
