#include "promote/promotion_plan.h"

#include "signer/key_judge.h"
#include "tests/support/press_fixture.h"
#include "tests/support/test_keys.h"

namespace packyard {
namespace {

class PromotionPlanTest : public PressFixture {
 protected:
  Intake intake_of(std::vector<std::pair<std::string, std::string>> packages) {
    Intake intake;
    for (const auto& [name, version] : packages) {
      TakenPackage package{ObjectKey::parse("core/2025/rpm/el9-x86_64/" + name).value(),
                           {target_, name, {}, {sha256(name + version), 1}, nullptr},
                           {}};
      package.facts.name = name;
      package.facts.version = version;
      package.facts.architecture = "x86_64";
      package.facts.file_name = name + "-" + version + ".x86_64.rpm";
      intake.packages.push_back(std::move(package));
    }
    return intake;
  }
  PromotionPlan plan(const Intake& intake) {
    auto catalog = Catalog::open(folder_ / "plan.db").value();
    return plan_promotion(*parts_, catalog, intake, OlderVersions::refused).value();
  }
  const TargetId target_ = TargetId::parse("rpm/core/2025/el9-x86_64").value();
};

TEST_F(PromotionPlanTest, NothingStagedChangesNothing) { EXPECT_TRUE(plan({}).targets.empty()); }

TEST_F(PromotionPlanTest, TellsTargetAndPathOfEachPackage) {
  const auto result = plan(intake_of({{"acme", "1.0"}, {"tool", "2"}}));
  ASSERT_EQ(result.targets.size(), 1u);
  const auto& added = result.targets.at(target_).added;
  ASSERT_EQ(added.size(), 2u);
  EXPECT_EQ(added[0].path, "pool/rpm/core/2025/el9-x86_64/packages/a/acme-1.0.x86_64.rpm");
  EXPECT_FALSE(added[0].name_id);
  EXPECT_EQ(to_string(result.changes.at(0).kind), "added");
}

TEST_F(PromotionPlanTest, AKeyThatCustomersAreServedIsKnown) {
  const auto served = served_fingerprints(test::public_key_file("release")).value();
  ASSERT_EQ(served.size(), 2u);  // the primary key and its subkey
  const auto stranger = served_fingerprints(test::public_key_file("stranger")).value().at(0);
  const auto judged = [&](const std::string& fingerprint) {
    auto intake = intake_of({{"acme", "1.0"}});
    intake.packages[0].facts.signer_key_ids = {fingerprint.substr(24)};
    const auto findings = plan(intake).findings;
    return findings.empty() ? "" : findings[0].problem;
  };
  // A dry run may come before the file: the signing key alone is known then.
  EXPECT_NE(judged(served[0]), "");
  EXPECT_EQ(judged(signer_.fingerprint()), "");
  std::filesystem::create_directories(folder_ / "gpg");
  std::filesystem::copy_file(test::public_key_file("release"), folder_ / "gpg/lts.asc");
  for (const auto& fingerprint : served) EXPECT_EQ(judged(fingerprint), "");
  EXPECT_NE(judged(stranger).find("is signed by the key " + stranger.substr(24)), std::string::npos) << judged(stranger);
  settings_.signing.foreign = ForeignSignature::re_sign;
  EXPECT_EQ(judged(stranger), "");
}

TEST_F(PromotionPlanTest, AServedFileThatIsNoKeyIsAnErrorNotAVerdict) {
  std::filesystem::create_directories(folder_ / "gpg");
  std::ofstream(folder_ / "gpg/lts.asc") << "no key\n";
  auto intake = intake_of({{"acme", "1.0"}});
  intake.packages[0].facts.signer_key_ids = {"FFFFFFFFFFFFFFFF"};
  auto catalog = Catalog::open(folder_ / "plan.db").value();
  const auto refused = plan_promotion(*parts_, catalog, intake, OlderVersions::refused);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("lts.asc, which customers fetch"), std::string::npos) << refused.error().message;
}

TEST_F(PromotionPlanTest, AThousandPackagesAreNoMatter) {
  std::vector<std::pair<std::string, std::string>> packages;
  for (int i = 0; i < 1000; ++i) packages.emplace_back("p" + std::to_string(i), "1");
  EXPECT_EQ(plan(intake_of(packages)).changes.size(), 1000u);
}

}  // namespace
}  // namespace packyard
