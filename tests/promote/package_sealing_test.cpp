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
    const auto sealed = seal_packages(*parts_, *maker_, intake, plan);
    ASSERT_TRUE(sealed) << sealed.error().message;
    findings_ = *sealed;
  }
  std::optional<StoreSession> session_;
  std::optional<ReleaseMaker> maker_;
  std::vector<Finding> findings_;
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

TEST_F(PackageSealingTest, EachPackageThatFitsNoIndexIsAFinding) {
  const std::string folder = "core/2025/rpm/el9-x86_64";
  stage_package("acme", "1.0");
  stage_package("bad", "1.0", "x86_64", folder, "indescribable");
  stage_package("worse", "1.0", "x86_64", folder, "indescribable");
  seal_staged();
  ASSERT_EQ(findings_.size(), 2u);
  EXPECT_EQ(findings_[0].subject, folder + "/bad-1.0.x86_64.rpm");
  EXPECT_EQ(findings_[1].subject, folder + "/worse-1.0.x86_64.rpm");
  EXPECT_EQ(findings_[1].problem, "no index can hold it");
  EXPECT_TRUE(session_->catalog().listings(TargetId::parse("rpm/core/2025/el9-x86_64").value(), 1)->empty());
  maker_.reset();
  session_.reset();
  const auto outcome = promote();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->findings.size(), 2u);
  EXPECT_FALSE(outcome->release);
  EXPECT_TRUE(pool().empty());
}

TEST_F(PackageSealingTest, FiveHundredPackagesOnSeveralThreads) {
  for (int i = 0; i < 500; ++i) stage_package("p" + std::to_string(i), "1");
  seal_staged();
  EXPECT_EQ(session_->catalog().listings(TargetId::parse("rpm/core/2025/el9-x86_64").value(), 1)->size(), 500u);
}

}  // namespace
}  // namespace packyard
