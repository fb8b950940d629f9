#include "verify/deb_repository_reader.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"
#include "tests/support/test_site.h"

namespace packyard {
namespace {

TEST(DebRepositoryReader, ReadsASuiteAsAptDoes) {
  const TemporaryFolder folder;
  auto signer = test::open_test_signer("stranger");
  const test::TestSite site(folder / "site", *signer);
  const PublishedTree tree(site.published(), std::nullopt);
  const ManualClock clock(Timestamp{test::TestSite::published_at + 1});
  const TargetId target = TargetId::parse(test::TestSite::deb_target).value();
  const std::string release = site.read(site.deb_generation() + "Release");
  const auto read = [&](const std::string& text) {
    Findings findings;
    DebRepositoryReader reader(target, tree, clock, findings);
    reader.read(site.deb_generation(), text);
    return std::pair(reader.packages(), findings.take());
  };
  const auto [packages, findings] = read(release);
  EXPECT_TRUE(findings.empty());
  ASSERT_EQ(packages.size(), 2u);
  const IndexedPackage& library = packages.at(site.deb_packages[0].path);
  EXPECT_EQ(library.name + " " + library.version + " " + library.architecture, "libacme1 1:1.0-1 all");
  EXPECT_EQ(library.sha256, digest_file(site / site.deb_packages[0].path)->sha256);
  EXPECT_EQ(read("").second.size(), 1u);
  EXPECT_EQ(read(release + "\nSecond: paragraph\n").second.at(0).problem, "has 2 paragraphs, expected one");
  EXPECT_NE(read("rubbish").second.at(0).problem.find("no field"), std::string::npos);
}

}  // namespace
}  // namespace packyard
