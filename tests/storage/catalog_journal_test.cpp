#include "storage/catalog.h"
#include "tests/support/catalog_fixture.h"

namespace packyard {
namespace {

using CatalogJournalTest = CatalogFixture;

TEST_F(CatalogJournalTest, KeepsWhatIsStillToDoInOrder) {
  ASSERT_TRUE(catalog_.add_archive_step({"b", ".archive/000001/b", sha256("b")}));
  ASSERT_TRUE(catalog_.add_archive_step({"a", ".archive/000001/a", std::nullopt}));
  const auto steps = catalog_.archive_steps().value();
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].from, "b");
  EXPECT_EQ(steps[0].sha256, sha256("b"));
  EXPECT_FALSE(steps[1].sha256);
  ASSERT_TRUE(catalog_.clear_archive_steps());
  EXPECT_TRUE(catalog_.archive_steps()->empty());
  ASSERT_TRUE(catalog_.add_removal("pool/z"));
  ASSERT_TRUE(catalog_.add_removal("index/a"));
  EXPECT_EQ(catalog_.removals().value(), (std::vector<std::string>{"pool/z", "index/a"}));
  ASSERT_TRUE(catalog_.clear_removals());
  EXPECT_TRUE(catalog_.removals()->empty());
}

TEST_F(CatalogJournalTest, TellsTheStepsOfARelease) {
  ASSERT_TRUE(catalog_.write_journal({Timestamp{1}, 7, "claimed", ""}));
  ASSERT_TRUE(catalog_.write_journal({Timestamp{2}, 8, "claimed", ""}));
  ASSERT_TRUE(catalog_.write_journal({Timestamp{3}, 7, "prepared", "2 targets"}));
  const auto entries = catalog_.journal(7).value();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[1].step, "prepared");
  EXPECT_EQ(entries[1].detail, "2 targets");
}

}  // namespace
}  // namespace packyard
