#include "promote/publication_time.h"

#include "tests/support/press_fixture.h"

namespace packyard {
namespace {

class PublicationTimeTest : public PressFixture {
 protected:
  // A catalog with releases dated so, the last one live with one target.
  Catalog catalog_of(const std::vector<std::int64_t>& dates) {
    auto catalog = Catalog::open(folder_ / "times.db").value();
    std::uint64_t number = 0;
    for (const std::int64_t seconds : dates) {
      const Timestamp date{seconds};
      ++number;
      EXPECT_TRUE(catalog.add_generation({target_, number, date, sha256("x"), {}}));
      EXPECT_TRUE(catalog.add_release({number, ReleaseKind::promotion, date, ReleaseState::prepared, false, std::nullopt, ""},
                                      {{target_, number}}));
      EXPECT_TRUE(catalog.set_live(number, date));
    }
    return catalog;
  }
  const TargetId target_ = TargetId::parse("deb/core/2025/bookworm").value();
};

TEST_F(PublicationTimeTest, NothingPublishedYetIsNow) {
  auto catalog = catalog_of({});
  EXPECT_EQ(take_publication_second(clock_, catalog, Dating::after_the_last).value(), Timestamp{1'800'000'000});
  EXPECT_TRUE(targets_dated_after(catalog, clock_.now())->empty());
}

TEST_F(PublicationTimeTest, WaitsForTheNextSecond) {
  auto catalog = catalog_of({1'800'000'000});
  EXPECT_EQ(take_publication_second(clock_, catalog, Dating::after_the_last).value(), Timestamp{1'800'000'001});
}

TEST_F(PublicationTimeTest, AReleaseInTheFutureIsToldWithItsTargetsAndTheWayOut) {
  auto catalog = catalog_of({1'799'999'000, 1'800'036'000});
  const auto refused = take_publication_second(clock_, catalog, Dating::after_the_last);
  ASSERT_FALSE(refused);
  for (const char* words : {"clock says 2027-01-15T08:00:00Z", "release 2 is dated 2027-01-15T18:00:00Z, 10 h later",
                            "deb/core/2025/bookworm", "nothing was changed", "release refresh --redate"})
    EXPECT_NE(refused.error().message.find(words), std::string::npos) << words << " in " << refused.error().message;
}

TEST_F(PublicationTimeTest, ByTheClockGoesBackButNeverTwiceToOneSecond) {
  auto catalog = catalog_of({1'799'999'999, 1'800'036'000, 1'800'000'000});
  EXPECT_EQ(take_publication_second(clock_, catalog, Dating::by_the_clock).value(), Timestamp{1'800'000'001});
  clock_.set(Timestamp{1'800'036'000});
  EXPECT_EQ(take_publication_second(clock_, catalog, Dating::after_the_last).value(), Timestamp{1'800'036'001});
}

}  // namespace
}  // namespace packyard
