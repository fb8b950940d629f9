#include "verify/target_verifier.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"
#include "tests/support/test_site.h"
#include "verify/reachability.h"

namespace packyard {
namespace {

TEST(TargetVerifier, CollectsThePackagesTheIndexesList) {
  const TemporaryFolder folder;
  auto signer = test::open_test_signer("stranger");
  const test::TestSite site(folder / "site", *signer);
  const auto keys = PublicKeys::load(site.keys()).value();
  SystemCommandRunner runner;
  SignatureReader signatures(runner, keys);
  const ManualClock clock(Timestamp{test::TestSite::published_at + 1});
  const PublishedTree tree(site.published(), std::nullopt);
  Findings findings;
  const ImageTrust images;
  const VerifyParts parts{tree, keys, signatures, clock, findings, images};
  const auto release = read_signed_release(parts, tree, 1);
  ASSERT_TRUE(release);
  for (const auto& [target, generation] : release->targets) {
    TargetVerifier verifier(parts, target, generation);
    verifier.check_link(1);
    verifier.check_indexes();
    EXPECT_EQ(verifier.indexes(), 3u);
    const auto packages = verifier.take_packages();
    ASSERT_EQ(packages.size(), 2u);
    EXPECT_TRUE(packages[0].path.starts_with("pool/" + std::string(to_string(target.format)) + "/core/2025/"));
    EXPECT_GT(packages[0].package.size_bytes, 0u);
    verifier.check_link(2);
  }
  const auto found = findings.take();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].subject, "releases/000002/deb/core/2025/bookworm");
  EXPECT_EQ(found[0].problem, "missing");

  const std::string contents = site.deb_generation() + "contents.json";
  site.replace(contents, "]}", "],\"objects\":[]}");
  const TargetId bookworm = TargetId::parse(test::TestSite::deb_target).value();
  TargetVerifier(parts, bookworm, release->targets.at(bookworm)).check_indexes();
  const auto objects = findings.take();
  ASSERT_EQ(objects.size(), 1u);
  EXPECT_EQ(objects[0].problem, "has objects, which only image repositories have");
}

}  // namespace
}  // namespace packyard
