#include "promote/rpm_index.h"

#include <gtest/gtest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "core/command_runner.h"
#include "core/durable_file.h"
#include "core/tree_path.h"
#include "promote/rpm_format.h"
#include "tests/support/memory_package_source.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"
#include "tests/support/test_packages.h"

namespace packyard {
namespace {

constexpr Timestamp published_at{1'760'000'000};
const TargetId target = TargetId::parse("rpm/core/2025/el9-x86_64").value();
constexpr std::string_view comps =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE comps PUBLIC \"-//Red Hat, Inc.//DTD Comps info//EN\" \"comps.dtd\">\n"
    "<comps><group><id>acme</id><name>Acme</name><packagelist><packagereq "
    "type=\"mandatory\">acme</packagereq></packagelist></group></comps>\n";

Settings settings_with(Compression compression) {
  Settings settings;
  settings.rpm_targets.push_back({.name = target.target,
                                  .os = "el9",
                                  .architecture = "x86_64",
                                  .kind = RpmTargetKind::binary,
                                  .compression = compression,
                                  .keep_versions = {}});
  return settings;
}

CommandOutcome run(std::vector<std::string> arguments) {
  SystemCommandRunner runner;
  const auto outcome =
      runner.run({.arguments = std::move(arguments), .environment = {}, .input = {}, .output_bytes_max = 8 << 20});
  if (!outcome) {
    ADD_FAILURE() << outcome.error().message;
    return {};
  }
  return *outcome;
}

void set_time(const std::filesystem::path& file, Timestamp time) {
  const timespec both[2] = {{time.seconds, 0}, {time.seconds, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, file.c_str(), both, 0), 0);
}

// A target of all test packages, signed, laid out as customers see it: site/{packages,repodata}.
class RpmIndexTest : public testing::TestWithParam<Compression> {
 protected:
  void build(const Settings& settings, const Supplements& supplements) {
    signer_ = test::open_test_signer("release");
    const RpmFormat format(settings);
    std::vector<ListedPackage> packages;
    for (const auto& entry : std::filesystem::directory_iterator(test_rpms())) {
      if (entry.path().extension() != ".rpm") continue;
      ListedPackage package;
      package.facts = format.inspect(entry.path(), entry.path().filename().string()).value();
      package.pool_path = format.pool_path(package.facts, target);
      const std::filesystem::path sealed = site() / tree_path::rpm_location(package.facts.file_name);
      ASSERT_TRUE(make_folders(sealed.parent_path()).has_value());
      const auto digest = format.seal(entry.path(), digest_file(entry.path()).value(), sealed, *signer_);
      ASSERT_TRUE(digest.has_value()) << digest.error().message;
      set_time(sealed, published_at);
      package.published_sha256 = digest->sha256;
      package.size_bytes = digest->size_bytes;
      const auto record = format.describe(sealed, package.facts, *digest, target, published_at);
      ASSERT_TRUE(record.has_value()) << record.error().message;
      package.record = *record;
      packages.push_back(package);
    }
    MemoryPackageSource source(packages);
    auto outcome = format.build({target, 7, published_at, candidate(), source, source, supplements, *signer_});
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    built_ = *outcome;
    for (const BuiltGeneration::File& file : built_.files) {
      ASSERT_TRUE(make_folders(site() / "repodata").has_value());
      std::filesystem::copy(candidate() / file.path, site() / "repodata");
    }
  }
  std::filesystem::path candidate() const { return folder_ / "candidate"; }
  std::filesystem::path site() const { return folder_ / "site"; }

  TemporaryFolder folder_;
  std::unique_ptr<OpenPgpSigner> signer_;
  BuiltGeneration built_;
};
INSTANTIATE_TEST_SUITE_P(Each, RpmIndexTest, testing::Values(Compression::gzip, Compression::zstd, Compression::xz),
                         [](const auto& chosen) { return std::string(to_string(chosen.param)); });

TEST_P(RpmIndexTest, MetadataEqualsCreaterepoCsFieldByField) {
  build(settings_with(GetParam()), {});
  ASSERT_TRUE(make_folders(folder_ / "oracle").has_value());
  const auto made =
      run({"createrepo_c", "--quiet", "--no-database", "--outputdir", (folder_ / "oracle").string(), site().string()});
  ASSERT_EQ(made.exit_status, 0) << made.errors;
  const auto compared = run({(test::source_folder() / "tests/promote/compare_repodata").string(), (site() / "repodata").string(),
                             (folder_ / "oracle/repodata").string()});
  EXPECT_EQ(compared.exit_status, 0) << compared.output << compared.errors;
  EXPECT_EQ(compared.output, "compared 69, differing 0\n");  // 23 shapes in three files
}

TEST_P(RpmIndexTest, SupplementsAreFurtherDataRecords) {
  const Supplements supplements = {{"comps.xml", std::string(comps)},
                                   {"updateinfo.xml", "<updates><update><id>A-1</id></update></updates>"},
                                   {"modules.yaml",
                                    "---\ndocument: modulemd\nversion: 2\n"
                                    "data: {name: acme, stream: '3', summary: s, description: d, license: {module: [MIT]}}\n"}};
  build(settings_with(GetParam()), supplements);
  const std::string repomd = read_small_file(site() / "repodata/repomd.xml", 1 << 20).value();
  for (const char* type : {"primary", "filelists", "other", "group", "group_gz", "updateinfo", "modules"})
    EXPECT_NE(repomd.find("<data type=\"" + std::string(type) + "\">"), std::string::npos) << type;
  EXPECT_NE(repomd.find("<revision>1760000000</revision>"), std::string::npos);
  // Checks sizes and checksums of each, and that libcreaterepo_c's own reader takes them.
  const auto compared = run({(test::source_folder() / "tests/promote/compare_repodata").string(), (site() / "repodata").string(),
                             (site() / "repodata").string()});
  EXPECT_EQ(compared.exit_status, 0) << compared.output << compared.errors;
  const auto merged =
      run({"mergerepo_c", "--outputdir", (folder_ / "merged").string(), "--repo", site().string(), "--all", "--omit-baseurl"});
  EXPECT_EQ(merged.exit_status, 0) << merged.errors;
}

TEST_P(RpmIndexTest, RepomdIsSignedAndItsFilesCarryTheTimeOfPublication) {
  build(settings_with(GetParam()), {});
  const std::filesystem::path repodata = site() / "repodata", home = folder_ / "gnupg";
  ASSERT_TRUE(make_folders(home).has_value());
  const auto dearmored = run({"gpg", "--homedir", home.string(), "--batch", "--yes", "--dearmor", "-o",
                              (folder_ / "key.gpg").string(), (repodata / "repomd.xml.key").string()});
  ASSERT_EQ(dearmored.exit_status, 0) << dearmored.errors;
  const auto verified = run({"gpgv", "--keyring", (folder_ / "key.gpg").string(), (repodata / "repomd.xml.asc").string(),
                             (repodata / "repomd.xml").string()});
  EXPECT_EQ(verified.exit_status, 0) << verified.errors;
  std::size_t checksum_named = 0;
  for (const BuiltGeneration::File& file : built_.files) {
    const std::filesystem::path path = candidate() / file.path;
    EXPECT_EQ(digest_file(path)->sha256, file.digest.sha256) << file.path;
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mtim.tv_sec, published_at.seconds) << file.path;
    checksum_named += path.filename().string().starts_with(file.digest.sha256.hex() + "-") ? 1 : 0;
  }
  EXPECT_EQ(checksum_named, 3U);
  EXPECT_EQ(built_.files.size(), 6U);
}

TEST(RpmIndex, ADamagedRecordStopsTheBuild) {
  const Settings settings = settings_with(Compression::gzip);
  TemporaryFolder folder;
  ListedPackage package;
  package.record = "3:abc";
  MemoryPackageSource source({package});
  const auto signer = test::open_test_signer("release");
  const auto outcome = build_rpm_index({target, 1, published_at, folder.path(), source, source, {}, *signer}, settings.rpm_targets[0]);
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace packyard
