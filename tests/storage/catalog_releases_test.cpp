#include "storage/catalog.h"
#include "tests/support/catalog_fixture.h"

namespace packyard {
namespace {

class CatalogReleasesTest : public CatalogFixture {
 protected:
  void release(std::uint64_t number, std::map<TargetId, std::uint64_t> targets) {
    ReleaseRow row;
    row.number = number;
    row.published_at = Timestamp{static_cast<std::int64_t>(1000 * number)};
    row.summary = "summary";
    ASSERT_TRUE(catalog_.add_release(row, targets));
  }
};

TEST_F(CatalogReleasesTest, GoesFromPreparedToLiveToPast) {
  EXPECT_EQ(catalog_.newest_release().value(), 0u);
  release(1, {{el9_, 1}});
  EXPECT_EQ(catalog_.release_in(ReleaseState::prepared).value()->number, 1u);
  ASSERT_TRUE(catalog_.set_live(1, Timestamp{5}));
  release(2, {{el9_, 1}, {el8_, 4}});
  ASSERT_TRUE(catalog_.set_live(2, Timestamp{77}));
  EXPECT_FALSE(catalog_.release_in(ReleaseState::prepared).value());
  EXPECT_EQ(catalog_.release_in(ReleaseState::live).value()->number, 2u);
  const auto rows = catalog_.releases().value();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].state, ReleaseState::past);
  EXPECT_EQ(rows[0].superseded_at, Timestamp{77});
  EXPECT_EQ(catalog_.release_targets(2).value(), (std::map<TargetId, std::uint64_t>{{el9_, 1}, {el8_, 4}}));
  EXPECT_EQ(catalog_.newest_release().value(), 2u);
  // Marking the live one live again (recovery does) leaves its time alone.
  ASSERT_TRUE(catalog_.set_live(2, Timestamp{99}));
  EXPECT_FALSE(catalog_.find_release(2).value()->superseded_at);
}

TEST_F(CatalogReleasesTest, PinsAndRemoves) {
  release(1, {});
  ASSERT_TRUE(catalog_.set_pinned(1, true));
  ASSERT_TRUE(catalog_.set_release_state(1, ReleaseState::removed));
  const auto row = catalog_.releases().value().at(0);
  EXPECT_TRUE(row.pinned);
  EXPECT_EQ(row.state, ReleaseState::removed);
  EXPECT_FALSE(catalog_.find_release(2).value());
}

TEST_F(CatalogReleasesTest, AGenerationNumberIsNeverUsedAgain) {
  EXPECT_EQ(catalog_.newest_generation(el9_).value(), 0u);
  ASSERT_TRUE(catalog_.add_generation({el9_, 1, Timestamp{1}, sha256("1"), {"index/a", "index/b"}}));
  ASSERT_TRUE(catalog_.add_generation({el9_, 2, Timestamp{2}, sha256("2"), {"index/b", "index/c"}}));
  EXPECT_EQ(catalog_.contents_digest(el9_, 2).value(), sha256("2"));
  EXPECT_EQ(catalog_.contents_digest(el9_, 3).error().code, ErrorCode::corrupt);
  EXPECT_EQ(catalog_.generation_date(el9_, 3).error().code, ErrorCode::corrupt);
  // index/b is shared: it goes with the last one that needs it.
  EXPECT_EQ(catalog_.remove_generation(el9_, 2).value(), std::vector<std::string>{"index/c"});
  EXPECT_EQ(catalog_.generations(el9_).value(), std::vector<std::uint64_t>{1});
  EXPECT_EQ(catalog_.newest_generation(el9_).value(), 2u);
  EXPECT_EQ(catalog_.remove_generation(el9_, 1).value(), (std::vector<std::string>{"index/a", "index/b"}));
  EXPECT_EQ(catalog_.targets().value(), std::vector<TargetId>{el9_});
}

}  // namespace
}  // namespace packyard
