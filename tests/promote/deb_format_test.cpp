#include "promote/deb_format.h"

#include <gtest/gtest.h>

#include "core/durable_file.h"
#include "tests/support/fake_signer.h"
#include "tests/support/memory_package_source.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_packages.h"

namespace packyard {
namespace {

const TargetId bookworm = TargetId::parse("deb/core/2025/bookworm").value();

Settings two_suites() {
  Settings settings;
  for (const auto& [name, architecture] : {std::pair{"bookworm", "amd64"}, {"trixie", "arm64"}})
    settings.deb_targets.push_back({.name = TargetName::parse(name).value(),
                                    .architectures = {architecture},
                                    .origin = "A",
                                    .label = "A",
                                    .suite = name,
                                    .codename = name,
                                    .valid_until = {},
                                    .contents = false,
                                    .keep_versions = {}});
  return settings;
}

class DebFormatTest : public testing::Test {
 protected:
  Settings settings_ = two_suites();
  DebFormat format_{settings_};
};

TEST_F(DebFormatTest, ClassifiesByName) {
  EXPECT_EQ(format_.classify("acme_1_amd64.deb"), StagedKind::package);
  for (const char* name : {".deb", "acme.udeb", "acme.dsc", "acme_1_amd64.deb.sha256", "updateinfo.xml"})
    EXPECT_EQ(format_.classify(name), StagedKind::foreign) << name;
}

TEST_F(DebFormatTest, StagedNameMustBeThePackages) {
  const auto facts = format_.inspect(test_debs() / "acme_1.0-1_amd64.deb", "acme_1.0-1_amd64.deb");
  ASSERT_TRUE(facts.has_value()) << facts.error().message;
  EXPECT_EQ(facts->name, "acme");
  EXPECT_EQ(facts->version, "1.0-1");
  EXPECT_EQ(facts->architecture, "amd64");
  const auto other = format_.inspect(test_debs() / "acme_1.0-1_amd64.deb", "acme_1.0-2_amd64.deb");
  ASSERT_FALSE(other.has_value());
  EXPECT_NE(other.error().message.find("acme_1.0-1_amd64.deb"), std::string::npos) << other.error().message;
}

TEST_F(DebFormatTest, AnotherArchitectureIsSentToTheTargetThatHasIt) {
  PackageFacts facts;
  facts.architecture = "arm64";
  const auto refused = format_.check_fits(facts, bookworm);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("stage it under trixie"), std::string::npos) << refused.error().message;
  facts.architecture = "s390x";
  EXPECT_NE(format_.check_fits(facts, bookworm).error().message.find("no target has it"), std::string::npos);
  for (const char* fitting : {"amd64", "all"}) {
    facts.architecture = fitting;
    EXPECT_TRUE(format_.check_fits(facts, bookworm).has_value());
  }
  EXPECT_FALSE(format_.check_fits(facts, TargetId::parse("deb/core/2025/sid").value()).has_value());
  EXPECT_EQ(format_.targets_listing(facts, bookworm), std::vector<TargetId>{bookworm});
}

TEST_F(DebFormatTest, SealedBytesAreTheStagedOnesUnderTheSourcesFolder) {
  TemporaryFolder folder;
  FakeSigner signer;
  const std::filesystem::path staged = test_debs() / "acme-data_1.0-1_all.deb", sealed = folder / "sealed.deb";
  const FileDigest digest = digest_file(staged).value();
  EXPECT_EQ(format_.seal(staged, digest, sealed, signer)->sha256, digest.sha256);
  EXPECT_EQ(digest_file(sealed)->sha256, digest.sha256);
  EXPECT_FALSE(format_.seal(staged, digest, sealed, signer).has_value());
  const PackageFacts facts = format_.inspect(staged, staged.filename().string()).value();
  EXPECT_EQ(format_.pool_path(facts, bookworm), "pool/deb/core/2025/pool/bookworm/a/acme/acme-data_1.0-1_all.deb");
}

TEST_F(DebFormatTest, ContentsNeedsTheFileListsOfEveryPackage) {
  const std::filesystem::path file = test_debs() / "acme_1.0-1_amd64.deb";
  ListedPackage package;
  package.facts = format_.inspect(file, file.filename().string()).value();
  package.record = format_.describe(file, package.facts, digest_file(file).value(), bookworm, Timestamp{1}).value();
  MemoryPackageSource source({package});
  EXPECT_TRUE(format_.check_target(bookworm, source, {}).has_value());
  settings_.deb_targets[0].contents = true;
  const auto refused = format_.check_target(bookworm, source, {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("contents: true"), std::string::npos) << refused.error().message;
}

TEST_F(DebFormatTest, HasNoSupplements) {
  EXPECT_FALSE(format_.merge_supplement("updateinfo.xml", "", "<updates/>").has_value());
}

TEST_F(DebFormatTest, ComparesVersions) {
  EXPECT_TRUE(format_.compare_versions("1.0~rc1", "1.0") < 0);
  EXPECT_TRUE(format_.compare_versions("1:0", "2") > 0);
  EXPECT_TRUE(format_.compare_versions("1.0", "1.0-0") == 0);
}

}  // namespace
}  // namespace packyard
