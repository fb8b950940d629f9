#include "promote/rpm_format.h"

#include <gtest/gtest.h>

#include "core/command_runner.h"
#include "core/durable_file.h"
#include "tests/support/memory_package_source.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"
#include "tests/support/test_packages.h"

namespace packyard {
namespace {

const TargetId home = TargetId::parse("rpm/core/2025/el9-x86_64").value();

Settings el9() {
  Settings settings;
  const auto add = [&](const char* name, const char* os, const char* architecture, RpmTargetKind kind) {
    settings.rpm_targets.push_back({.name = TargetName::parse(name).value(), .os = os, .architecture = architecture, .kind = kind,
                                    .compression = Compression::zstd, .keep_versions = {}});
  };
  add("el8-x86_64", "el8", "x86_64", RpmTargetKind::binary);
  add("el9-aarch64", "el9", "aarch64", RpmTargetKind::binary);
  add("el9-x86_64", "el9", "x86_64", RpmTargetKind::binary);
  add("el9-source", "el9", "", RpmTargetKind::source);
  return settings;
}

class RpmFormatTest : public testing::Test {
 protected:
  ListedPackage listed(const char* name, const char* version, const char* architecture, const char* modularity = "") {
    ListedPackage package;
    package.facts.name = name;
    package.facts.version = version;
    package.facts.architecture = architecture;
    package.facts.modularity = modularity;
    package.facts.file_name = std::string(name) + "." + architecture + ".rpm";
    return package;
  }

  Settings settings_ = el9();
  RpmFormat format_{settings_};
};

TEST_F(RpmFormatTest, ClassifiesByName) {
  EXPECT_EQ(format_.classify("acme-1-1.x86_64.rpm"), StagedKind::package);
  for (const char* name : {"updateinfo.xml", "comps.xml", "modules.yaml"})
    EXPECT_EQ(format_.classify(name), StagedKind::supplement);
  for (const char* name : {".rpm", "acme.deb", "updateinfo.xml.gz", "UPDATEINFO.xml", "acme.rpm.sha256"})
    EXPECT_EQ(format_.classify(name), StagedKind::foreign) << name;
}

TEST_F(RpmFormatTest, StagedNameMustBeThePackages) {
  const std::filesystem::path file = test_rpms() / "acme-1.1~rc1-1.el9.x86_64.rpm";
  EXPECT_TRUE(format_.inspect(file, "acme-1.1~rc1-1.el9.x86_64.rpm").has_value());
  const auto other = format_.inspect(file, "acme-1.1-1.el9.x86_64.rpm");
  ASSERT_FALSE(other.has_value());
  EXPECT_NE(other.error().message.find("stage it under that name"), std::string::npos) << other.error().message;
}

TEST_F(RpmFormatTest, AControlCharacterIsToldBeforeSigning) {
  TemporaryFolder folder;
  const std::string spec =
      "Name: odd\nVersion: 1\nRelease: 1\nSummary: s\nLicense: l\nBuildArch: noarch\n%description\nbell %(printf '\\007') \n%files\n";
  ASSERT_TRUE(write_new_file(folder / "odd.spec", spec, FileMode::owner_only).has_value());
  SystemCommandRunner runner;
  const auto built = runner.run(
      {.arguments = {"rpmbuild", "-bb", "--define", "_topdir " + (folder / "top").string(), (folder / "odd.spec").string()},
       .environment = {"HOME=" + folder.path().string()},
       .input = {},
       .output_bytes_max = 1 << 20});
  ASSERT_TRUE(built && built->exit_status == 0) << (built ? built->errors : built.error().message);
  const auto refused = format_.inspect(folder / "top/RPMS/noarch/odd-1-1.noarch.rpm", "odd-1-1.noarch.rpm");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);
  EXPECT_NE(refused.error().message.find("odd-1-1.noarch.rpm has a control character"), std::string::npos)
      << refused.error().message;
}

TEST_F(RpmFormatTest, NoarchIsListedInEveryTargetOfItsOs) {
  PackageFacts facts;
  facts.architecture = "noarch";
  EXPECT_EQ(format_.targets_listing(facts, home),
            (std::vector<TargetId>{home, TargetId::parse("rpm/core/2025/el9-aarch64").value()}));
  facts.architecture = "x86_64";
  EXPECT_EQ(format_.targets_listing(facts, home), std::vector<TargetId>{home});
}

TEST_F(RpmFormatTest, SealedPackagesAreSignedAndStillIntact) {
  TemporaryFolder folder;
  const auto signer = test::open_test_signer("release");
  for (const char* name : {"acme-1.0-1.el9.x86_64.rpm", "acme-signed-1-1.el9.noarch.rpm", "acme-1.0-1.el9.src.rpm"}) {
    const std::filesystem::path staged = test_rpms() / name;
    const auto digest = format_.seal(staged, digest_file(staged).value(), folder / name, *signer);
    ASSERT_TRUE(digest.has_value()) << digest.error().message;
    EXPECT_EQ(digest_file(folder / name)->sha256, digest->sha256);
    const auto facts = format_.inspect(folder / name, name);
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(facts->signer_key_ids, std::vector<std::string>{signer->fingerprint().substr(24)});
    EXPECT_EQ(format_.pool_path(*facts, home), "pool/rpm/core/2025/el9-x86_64/packages/a/" + std::string(name));
  }
}

TEST_F(RpmFormatTest, AdvisoriesMayOnlyNameListedPackages) {
  const Supplements supplements = {
      {"updateinfo.xml",
       "<updates><update><id>A-1</id><pkglist><collection><package name=\"acme\" version=\"1.0\" release=\"1.el9\" epoch=\"0\" "
       "arch=\"x86_64\"/>"
       "<package name=\"acme\" version=\"1.0\" release=\"1.el9\" arch=\"src\"/></collection></pkglist></update></updates>"}};
  MemoryPackageSource with({listed("acme", "1.0-1.el9", "x86_64")}), without({listed("acme", "1.0-2.el9", "x86_64")});
  EXPECT_TRUE(format_.check_target(home, with, supplements).has_value());
  const auto refused = format_.check_target(home, without, supplements);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("A-1 names acme-1.0-1.el9.x86_64"), std::string::npos) << refused.error().message;
}

TEST_F(RpmFormatTest, ModularPackagesNeedTheirModulesData) {
  MemoryPackageSource modular({listed("acme", "1.0-1", "x86_64", "acme:3:2025:abc")});
  const auto missing = format_.check_target(home, modular, {});
  ASSERT_FALSE(missing.has_value());
  EXPECT_NE(missing.error().message.find("modules.yaml of rpm/core/2025/el9-x86_64 is missing"), std::string::npos)
      << missing.error().message;
  EXPECT_FALSE(
      format_.check_target(home, modular, {{"modules.yaml", "document: modulemd\ndata: {name: acme, stream: 4}\n"}}).has_value());
  EXPECT_TRUE(
      format_.check_target(home, modular, {{"modules.yaml", "document: modulemd\ndata: {name: acme, stream: 3}\n"}}).has_value());
}

TEST_F(RpmFormatTest, SupplementsAreCheckedAndCarriedThrough) {
  const std::string comps = "<!DOCTYPE comps PUBLIC \"x\" \"comps.dtd\"><comps><group/></comps>",
                    modules = "document: modulemd\ndata: {name: a, stream: b}\n";
  EXPECT_EQ(format_.merge_supplement("comps.xml", "<comps/>", comps).value(), comps);
  EXPECT_EQ(format_.merge_supplement("modules.yaml", "", modules).value(), modules);
  EXPECT_FALSE(format_.merge_supplement("comps.xml", "", "<updates/>").has_value());
  EXPECT_FALSE(format_.merge_supplement("modules.yaml", "", "x").has_value());
  EXPECT_FALSE(format_.merge_supplement("other.xml", "", "<comps/>").has_value());
  EXPECT_TRUE(format_.merge_supplement("updateinfo.xml", "", "<updates/>").has_value());
}

}  // namespace
}  // namespace packyard
