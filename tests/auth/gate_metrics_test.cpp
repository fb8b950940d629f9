#include "auth/gate_metrics.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/command_runner.h"

namespace packyard {
namespace {

class GateMetricsTest : public testing::Test {
 protected:
  static Decision decision(Outcome outcome, Reason reason, std::string_view target) {
    Decision made{outcome, reason, {}, {}, {}};
    if (const auto path = parse_repository_path(target)) made.path = *path;
    return made;
  }
  GateMetrics metrics{{ComponentName::parse("core").value(), ComponentName::parse("plus").value()}, [] {
                        return GateState{
                            .keys = 7, .current = true, .since_read = std::chrono::milliseconds(5), .usage_flush_failures = 2};
                      }};
};

void expect_line(const std::string& page, const std::string& line) {
  EXPECT_NE(page.find("\n" + line + "\n"), std::string::npos) << line << "\n\n" << page;
}

TEST_F(GateMetricsTest, CountsByOutcomeReasonFormatAndComponent) {
  using std::chrono::microseconds;
  metrics.decided(decision(Outcome::allow, Reason::ok, "/rpm/core/2025/el9-x86_64/x"), microseconds(10));
  metrics.decided(decision(Outcome::allow, Reason::ok, "/rpm/core/2025/el9-x86_64/x"), microseconds(60));
  metrics.decided(decision(Outcome::deny, Reason::wrong_component, "/deb/stranger/2025/dists/bookworm/x"), microseconds(30));
  metrics.decided(decision(Outcome::deny, Reason::no_key, "/v2/"), std::chrono::seconds(5));
  metrics.decided(decision(Outcome::deny, Reason::bad_path, "/.."), microseconds(25));
  const std::string page = metrics.exposition();
  const auto requests = [](const char* outcome, const char* reason, const char* format, const char* component, int count) {
    return std::string("packyard_auth_requests_total{outcome=\"") + outcome + "\",reason=\"" + reason + "\",format=\"" + format +
           "\",component=\"" + component + "\"} " + std::to_string(count);
  };
  expect_line(page, requests("allow", "ok", "rpm", "core", 2));
  expect_line(page, requests("allow", "ok", "rpm", "plus", 0));
  expect_line(page, requests("deny", "wrong_component", "deb", "other", 1));
  expect_line(page, requests("deny", "no_key", "oci", "none", 1));
  expect_line(page, requests("deny", "bad_path", "none", "none", 1));
  expect_line(page, requests("error", "not_current", "deb", "plus", 0));
  expect_line(page, requests("deny", "bad_method", "none", "none", 0));  // as for a POST to /gpg/
  EXPECT_EQ(page.find("stranger"), std::string::npos) << "a name from outside became a label";
  expect_line(page, "packyard_auth_duration_seconds_bucket{le=\"2.5e-05\"} 2");
  expect_line(page, "packyard_auth_duration_seconds_bucket{le=\"5e-05\"} 3");
  expect_line(page, "packyard_auth_duration_seconds_bucket{le=\"1\"} 4");
  expect_line(page, "packyard_auth_duration_seconds_bucket{le=\"+Inf\"} 5");
  expect_line(page, "packyard_auth_duration_seconds_count 5");
  expect_line(page, "packyard_keys 7");
  expect_line(page, "packyard_index_current 1");
  expect_line(page, "packyard_usage_flush_failures_total 2");
  EXPECT_NE(page.find("packyard_build_info{version=\""), std::string::npos);
}

TEST_F(GateMetricsTest, PromtoolFindsNothing) {
  if (!std::filesystem::exists("/usr/bin/promtool")) {
    // dependencies/test.txt installs it; where somebody builds without those packages, at least the shape is checked.
    EXPECT_TRUE(metrics.exposition().ends_with("\n"));
    return;
  }
  SystemCommandRunner runner;
  const auto outcome =
      runner.run({.arguments = {"promtool", "check", "metrics"}, .environment = {}, .input = metrics.exposition()});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit_status, 0) << outcome->output << outcome->errors;
  EXPECT_EQ(outcome->errors, "");
}

}  // namespace
}  // namespace packyard
