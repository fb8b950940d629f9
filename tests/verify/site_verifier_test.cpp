#include "verify/site_verifier.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"
#include "tests/support/test_site.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;
using test::TestSite;

constexpr Timestamp now{TestSite::published_at + 3600};

std::string listing(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings) text += finding.subject + ": " + finding.problem + "\n";
  return text;
}

class SiteVerifierTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    signer_ = test::open_test_signer("release");
    stranger_ = test::open_test_signer("stranger");
    site_ = std::make_unique<TestSite>(*folder_ / "site", *signer_);
  }
  static void TearDownTestSuite() {
    signer_.reset();
    stranger_.reset();
    site_.reset();
    folder_.reset();
  }

  static VerifyRequest request_for(const TestSite& site) {
    VerifyRequest request;
    request.published = site.published();
    request.public_keys = site.keys();
    return request;
  }
  static Result<VerifyReport> verify(const VerifyRequest& request, Timestamp at = now) {
    SystemCommandRunner runner;
    ManualClock clock(at);
    return SiteVerifier(runner, clock).verify(request);
  }

  static inline std::unique_ptr<TemporaryFolder> folder_;
  static inline std::unique_ptr<GpgSigner> signer_, stranger_;
  static inline std::unique_ptr<TestSite> site_;
};

TEST_F(SiteVerifierTest, FindsNothingInAGoodSite) {
  const auto report = verify(request_for(*site_));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(listing(report->findings), "");
  EXPECT_EQ(report->targets, 2u);
  EXPECT_EQ(report->packages, 4u);
  EXPECT_EQ(report->indexes, 6u);
  EXPECT_GE(report->signatures, 6u);
}

}  // namespace
}  // namespace packyard
