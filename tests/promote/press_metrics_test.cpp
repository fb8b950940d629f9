#include "promote/press_metrics.h"

#include "core/command_runner.h"
#include "tests/support/press_fixture.h"

namespace packyard {
namespace {
namespace fs = std::filesystem;

class PressMetricsTest : public PressFixture {
 protected:
  // The sample's line without its name, "" when there is none.
  std::string sample(const std::string& name) {
    std::istringstream lines(page());
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with(name + " ") || line.starts_with(name + "{")) return line.substr(name.size());
    return "";
  }
  std::string page() {
    std::string text;
    for (const auto& entry : fs::directory_iterator(state_ / "metrics")) text += read(entry.path());
    return text;
  }
  PressMetrics metrics_{settings_, log_};
};

TEST_F(PressMetricsTest, APromotionThatRunsOrWasKilledShowsWhenItStarted) {
  metrics_.promotion_started(Timestamp{1700});
  EXPECT_EQ(sample("packyard_promotion_started_timestamp_seconds"), " 1700");
  metrics_.promotion_finished(Timestamp{1800}, PromotionResult::succeeded);
  EXPECT_EQ(sample("packyard_promotion_started_timestamp_seconds"), " 0");
  EXPECT_EQ(sample("packyard_promotion_succeeded"), " 1");
}

TEST_F(PressMetricsTest, AFailureLeavesTheLastSuccess) {
  metrics_.promotion_finished(Timestamp{1800}, PromotionResult::succeeded);
  metrics_.promotion_finished(Timestamp{1900}, PromotionResult::failed);
  EXPECT_EQ(sample("packyard_promotion_succeeded"), " 0");
  EXPECT_EQ(sample("packyard_promotion_finished_timestamp_seconds"), " 1900");
  EXPECT_EQ(sample("packyard_promotion_last_success_timestamp_seconds"), " 1800");
}

TEST_F(PressMetricsTest, AReleaseTellsItsNumberAndDate) {
  stage_package("acme", "1.0");
  publish();
  EXPECT_EQ(sample("packyard_release_number"), " 1");
  EXPECT_EQ(sample("packyard_release_published_timestamp_seconds"), " " + std::to_string(clock_.now().seconds));
  EXPECT_EQ(sample("packyard_release_valid_until_timestamp_seconds"), "");
  EXPECT_NE(sample("packyard_promotion_started_timestamp_seconds"), "");
}

TEST_F(PressMetricsTest, ASuiteThatExpiresTellsWhen) {
  DebTargetSettings suite{TargetName::parse("bookworm").value(), {"amd64"}, "", "", "", "", std::chrono::hours(48), false, {}};
  settings_.deb_targets.push_back(suite);
  fs::create_directories(state_);
  auto catalog = Catalog::open(state_ / "catalog.db").value();
  const auto target = TargetId::parse("deb/core/2025/bookworm").value();
  ASSERT_TRUE(catalog.add_generation({target, 3, Timestamp{5000}, sha256("contents"), {}}));
  ReleaseRow release;
  release.number = 7;
  release.published_at = Timestamp{6000};
  ASSERT_TRUE(catalog.add_release(release, {{target, 3}}));
  metrics_.release_live(catalog, 7);
  EXPECT_EQ(sample("packyard_release_valid_until_timestamp_seconds"),
            "{target=\"deb/core/2025/bookworm\"} " + std::to_string(5000 + 48 * 3600));
}

TEST_F(PressMetricsTest, AKeyWithoutExpiryIsInfinite) {
  metrics_.signing_key_expires(Timestamp{9000});
  EXPECT_EQ(sample("packyard_signing_key_expiry_timestamp_seconds"), " 9000");
  metrics_.signing_key_expires(std::nullopt);
  EXPECT_EQ(sample("packyard_signing_key_expiry_timestamp_seconds"), " +Inf");
}

TEST_F(PressMetricsTest, TellingNeverStopsPublishing) {
  fs::create_directories(state_);
  std::ofstream(state_ / "metrics") << "a file where the folder should be";
  stage_package("acme", "1.0");
  EXPECT_EQ(publish(), 1u);
}

TEST_F(PressMetricsTest, PromtoolAcceptsThePage) {
  stage_package("acme", "1.0");
  publish();
  metrics_.promotion_finished(Timestamp{1800}, PromotionResult::succeeded);
  metrics_.signing_key_expires(std::nullopt);
  SystemCommandRunner runner;
  const auto checked = runner.run({.arguments = {"promtool", "check", "metrics"}, .environment = {}, .input = page()});
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->exit_status, 0) << checked->output << checked->errors;
}

}  // namespace
}  // namespace packyard
