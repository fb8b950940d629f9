#include "promote/package_sealing.h"

#include "tests/support/press_fixture.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

class PackageSealingTest : public PressFixture {
 protected:
  // Takes in what is staged, plans it and seals it into a candidate that is never finished.
  void seal_staged() {
    session_.emplace(StoreSession::open(*parts_).value());
    fs::create_directories(folder_ / "scratch");
    const auto staged = StagingArea(*staging_, ".archive", settings_).read({}).value();
    const auto intake = take_in(*parts_, staged, folder_ / "scratch", Copies::kept).value();
    const auto plan = plan_promotion(*parts_, session_->catalog(), intake, OlderVersions::refused).value();
    maker_.emplace(ReleaseMaker::begin(*parts_, *session_, ReleaseKind::promotion).value());
    ASSERT_TRUE(seal_packages(*parts_, *maker_, intake, plan));
  }
  std::optional<StoreSession> session_;
  std::optional<ReleaseMaker> maker_;
};

TEST_F(PackageSealingTest, SignsIntoTheCandidateAndListsInTheCatalog) {
  stage_package("acme", "1.0");
  stage_package("docs", "1.0", "noarch");
  seal_staged();
  EXPECT_TRUE(fs::exists(maker_->candidate() / "pool/rpm/core/2025/el9-x86_64/packages/a/acme-1.0.x86_64.rpm"));
  const auto one = maker_->candidate() / "pool/rpm/core/2025/el9-x86_64/packages/d/docs-1.0.noarch.rpm";
  const auto other = maker_->candidate() / "pool/rpm/core/2025/el9-aarch64/packages/d/docs-1.0.noarch.rpm";
  EXPECT_TRUE(fs::equivalent(one, other));
  const auto listings = session_->catalog().listings(TargetId::parse("rpm/core/2025/el9-x86_64").value(), 1).value();
  ASSERT_EQ(listings.size(), 2u);
  EXPECT_EQ(listings[1].published, sha256(read(one)));
}

TEST_F(PackageSealingTest, FiveHundredPackagesOnSeveralThreads) {
  for (int i = 0; i < 500; ++i) stage_package("p" + std::to_string(i), "1");
  seal_staged();
  EXPECT_EQ(session_->catalog().listings(TargetId::parse("rpm/core/2025/el9-x86_64").value(), 1)->size(), 500u);
}

}  // namespace
}  // namespace packyard
