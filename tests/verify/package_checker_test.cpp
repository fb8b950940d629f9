#include "verify/package_checker.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"
#include "tests/support/test_site.h"
#include "verify/deb_package_reader.h"
#include "verify/deb_paragraph.h"

namespace packyard {
namespace {

TEST(PackageChecker, ChecksEachTaskOnceInManyThreads) {
  const TemporaryFolder folder;
  auto signer = test::open_test_signer("stranger");
  const test::TestSite site(folder / "site", *signer);
  const auto keys = PublicKeys::load(site.keys()).value();
  const PublishedTree tree(site.published(), std::nullopt);
  const auto& listed = site.rpm_packages[0];
  const auto digest = digest_file(site / listed.path).value();
  const IndexedPackage indexed{digest.sha256, digest.size_bytes, listed.name, listed.version, listed.architecture, {}};
  const PackageTask good{Format::rpm, listed.path, indexed};
  PackageTask renamed = good;
  renamed.package.version = "9";
  std::vector<PackageTask> tasks(200, good);
  tasks[7] = tasks[123] = renamed;
  Findings findings;
  PackageChecker checker(tree, keys, findings);
  std::uint64_t last = 0;
  checker.check(tasks, PackageDepth::whole, [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_EQ(total, 200u);
    last = done;
  });
  EXPECT_EQ(last, 200u);
  EXPECT_EQ(checker.signatures(), 200u);
  EXPECT_EQ(checker.bytes(), 200 * digest.size_bytes);
  const auto found = findings.take();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].problem, "says it is acme 1.0-1.el9 noarch, the index says acme 9 noarch");
}

TEST(PackageChecker, LooksAtSizesOnlyOutsideTheCandidate) {
  const TemporaryFolder folder;
  auto signer = test::open_test_signer("stranger");
  const test::TestSite site(folder / "site", *signer);
  const auto keys = PublicKeys::load(site.keys()).value();
  const PublishedTree tree(site.published(), folder / "candidate");
  const std::string path = site.deb_packages[0].path;
  const PackageTask task{Format::deb, path, {Sha256{}, std::filesystem::file_size(site / path), "", "", "", {}}};
  Findings findings;
  PackageChecker checker(tree, keys, findings);
  checker.check({task}, PackageDepth::when_changed, {});
  EXPECT_TRUE(findings.take().empty());
  checker.check({task}, PackageDepth::whole, {});
  EXPECT_EQ(findings.take().size(), 2u);  // digest and name
}

}  // namespace
}  // namespace packyard
