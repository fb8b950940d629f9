#include "verify/reachability.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"
#include "tests/support/test_site.h"

namespace packyard {
namespace {

TEST(Reachability, ListsWhatSignedReleasesListOnly) {
  const TemporaryFolder folder;
  auto signer = test::open_test_signer("stranger");
  const test::TestSite site(folder / "site", *signer);
  const auto keys = PublicKeys::load(site.keys()).value();
  SystemCommandRunner runner;
  SignatureReader signatures(runner, keys);
  const ManualClock clock(Timestamp{test::TestSite::published_at + 1});
  const PublishedTree tree(site.published(), std::nullopt);
  const auto problems = [&](bool with_release) {
    Findings findings;
    const ImageTrust images;
    Reachability reachability({tree, keys, signatures, clock, findings, images});
    if (with_release) reachability.add_release(tree, 1);
    reachability.check();
    return findings.take().size();
  };
  EXPECT_EQ(problems(true), 0u);
  EXPECT_EQ(problems(false), 10u);  // 4 packages, 3 + 3 index files
  site.replace("releases/000001/release.json", "promotion", "rollback");
  EXPECT_EQ(problems(true), 11u);  // its signature no longer holds, so it lists nothing
}

}  // namespace
}  // namespace packyard
