#include "promote/promotion_plan.h"

#include "tests/support/press_fixture.h"

namespace packyard {
namespace {

class PromotionPlanTest : public PressFixture {
 protected:
  Intake intake_of(std::vector<std::pair<std::string, std::string>> packages) {
    Intake intake;
    for (const auto& [name, version] : packages) {
      TakenPackage package{{ObjectKey::parse("core/2025/rpm/el9-x86_64/" + name).value(), target_, name, 1, {}, {}},
                           {sha256(name + version), 1},
                           "",
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

TEST_F(PromotionPlanTest, AThousandPackagesAreNoMatter) {
  std::vector<std::pair<std::string, std::string>> packages;
  for (int i = 0; i < 1000; ++i) packages.emplace_back("p" + std::to_string(i), "1");
  EXPECT_EQ(plan(intake_of(packages)).changes.size(), 1000u);
}

}  // namespace
}  // namespace packyard
