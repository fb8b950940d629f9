#include "storage/catalog.h"

#include "tests/support/catalog_fixture.h"

namespace packyard {
namespace {

using CatalogTest = CatalogFixture;

TEST_F(CatalogTest, ATransactionThatIsNotCommittedLeavesNothing) {
  {
    const auto transaction = catalog_.begin().value();
    publish(el9_, make("acme", "1"), 1);
    EXPECT_EQ(catalog_.listings(el9_, 1)->size(), 1u);
  }
  EXPECT_TRUE(catalog_.listings(el9_, 1)->empty());
  EXPECT_FALSE(catalog_.find_name("pool/rpm/core/2025/el9-x86_64/acme-1.rpm").value());
}

TEST_F(CatalogTest, AnotherProcessReadsTheLastCommitDuringATransaction) {
  auto reader = Catalog::open(folder_.path() / "catalog.db", sqlite::Access::read_only).value();
  auto transaction = catalog_.begin().value();
  publish(el9_, make("acme", "1"), 1);
  EXPECT_TRUE(reader.listings(el9_, 1)->empty());
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(reader.listings(el9_, 1)->size(), 1u);
}

TEST_F(CatalogTest, OpensAgainWithWhatItHeld) {
  publish(el9_, make("acme", "1"), 1);
  auto again = Catalog::open(folder_.path() / "catalog.db").value();
  EXPECT_EQ(again.listings(el9_, 1)->size(), 1u);
}

TEST_F(CatalogTest, KindsHaveTheNamesOfTheContract) {
  EXPECT_EQ(to_string(ReleaseKind::promotion), "promotion");
  EXPECT_EQ(to_string(ReleaseKind::rollback), "rollback");
  EXPECT_EQ(to_string(ReleaseKind::withdrawal), "withdrawal");
  EXPECT_EQ(to_string(ReleaseKind::refresh), "refresh");
}

}  // namespace
}  // namespace packyard
