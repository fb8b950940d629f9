#include "promote/deb_index.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>
#include <set>

#include "core/command_runner.h"
#include "core/durable_file.h"
#include "core/tree_path.h"
#include "promote/deb_format.h"
#include "promote/deb_record.h"
#include "tests/support/fake_signer.h"
#include "tests/support/memory_package_source.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_packages.h"

namespace packyard {
namespace {

constexpr Timestamp published_at{1'760'000'000};
const TargetId target = TargetId::parse("deb/core/2025/bookworm").value();

Settings settings_with(bool contents) {
  Settings settings;
  settings.deb_targets.push_back({.name = target.target,
                                  .architectures = {"amd64", "arm64", "riscv64"},
                                  .origin = "Acme",
                                  .label = "Acme core",
                                  .suite = "bookworm",
                                  .codename = "bookworm",
                                  .valid_until = {},
                                  .contents = contents,
                                  .keep_versions = {}});
  return settings;
}

std::string read_whole(const std::filesystem::path& file) { return read_small_file(file, 64 << 20).value(); }

std::string output_of(std::vector<std::string> arguments) {
  SystemCommandRunner runner;
  const auto outcome =
      runner.run({.arguments = std::move(arguments), .environment = {}, .input = {}, .output_bytes_max = 64 << 20});
  if (!outcome || outcome->exit_status != 0) {
    ADD_FAILURE() << (outcome ? outcome->errors : outcome.error().message);
    return {};
  }
  return outcome->output;
}

using Stanza = std::map<std::string, std::string>;
// By Package, Version and Architecture.
std::map<std::string, Stanza> stanzas_of(std::string_view text) {
  std::map<std::string, Stanza> stanzas;
  Stanza stanza;
  std::string* value = nullptr;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) {
      stanzas[stanza["Package"] + " " + stanza["Version"] + " " + stanza["Architecture"]] = stanza;
      stanza.clear();
    } else if (line.front() == ' ') {
      *value += "\n" + line;
    } else {
      const std::size_t colon = line.find(": ");
      value = &stanza[line.substr(0, colon)];
      *value = line.substr(colon + 2);
    }
  }
  return stanzas;
}

// The suite built from all test packages, laid out as customers see it below site/.
class DebIndexTest : public testing::Test {
 protected:
  void build(const Settings& settings) {
    const DebFormat format(settings);
    std::vector<ListedPackage> packages;
    for (const auto& entry : std::filesystem::directory_iterator(test_debs())) {
      if (entry.path().extension() != ".deb") continue;
      ListedPackage package;
      package.facts = format.inspect(entry.path(), entry.path().filename().string()).value();
      package.pool_path = format.pool_path(package.facts, target);
      const std::filesystem::path sealed = candidate() / package.pool_path;
      ASSERT_TRUE(make_folders(sealed.parent_path()).has_value());
      const FileDigest digest = format.seal(entry.path(), digest_file(entry.path()).value(), sealed, signer_).value();
      package.published_sha256 = digest.sha256;
      package.size_bytes = digest.size_bytes;
      package.record = format.describe(sealed, package.facts, digest, target, published_at).value();
      packages.push_back(package);
    }
    MemoryPackageSource source(packages);
    const Supplements none;
    ASSERT_TRUE(format.check_target(target, source, none).has_value());
    auto outcome = format.build({target, 7, published_at, candidate(), source, source, none, signer_});
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    built_ = *outcome;
  }
  std::filesystem::path candidate() const { return folder_.path(); }
  std::filesystem::path generation() const { return candidate() / tree_path::generation(target, 7); }

  TemporaryFolder folder_;
  FakeSigner signer_;
  BuiltGeneration built_;
};

TEST_F(DebIndexTest, PackagesEqualsAptFtparchivesFieldByField) {
  build(settings_with(false));
  for (const std::string architecture : {"amd64", "arm64"}) {
    const auto ours = stanzas_of(read_whole(generation() / "main" / ("binary-" + architecture) / "Packages"));
    const auto theirs = stanzas_of(output_of({"env", "-C", (candidate() / "pool/deb/core/2025").string(), "apt-ftparchive",
                                              "--arch", architecture, "packages", "pool"}));
    EXPECT_EQ(ours.size(), theirs.size()) << architecture;
    EXPECT_GE(ours.size(), 7U);
    for (auto [key, stanza] : theirs) {
      for (const char* other_hash : {"MD5sum", "SHA1", "SHA512"}) EXPECT_EQ(stanza.erase(other_hash), 1U);
      ASSERT_TRUE(ours.contains(key)) << key;
      EXPECT_EQ(ours.at(key), stanza) << key;
    }
  }
}

TEST_F(DebIndexTest, ReleaseNamesEveryIndexWithTheDigestsAptFtparchiveFinds) {
  build(settings_with(true));
  const std::string release = read_whole(generation() / "Release");
  const auto hashes_in = [](std::string_view text) {
    std::set<std::string> lines;
    std::string_view rest = text.substr(text.find("\nSHA256:") + 9);
    while (rest.starts_with(" ")) {
      std::string line;
      for (const char c : rest.substr(0, rest.find('\n')))
        if (c != ' ' || (!line.empty() && line.back() != ' ')) line += c;
      lines.insert(line);
      rest.remove_prefix(rest.find('\n') + 1);
    }
    return lines;
  };
  const std::set<std::string> theirs = hashes_in(output_of({"apt-ftparchive", "release", (generation() / "main").string()}));
  std::set<std::string> ours;
  for (std::string line : hashes_in(release)) {
    const std::size_t name = line.find("main/");
    ASSERT_NE(name, std::string::npos) << line;
    ours.insert(line.erase(name, 5));
  }
  EXPECT_EQ(ours, theirs);
  EXPECT_EQ(ours.size(), 15U);  // three architectures: Packages in three forms, Contents in two
}

TEST_F(DebIndexTest, ReleaseHasTheFieldsAptHoldsFixed) {
  Settings settings = settings_with(false);
  settings.deb_targets[0].valid_until = std::chrono::hours(48);
  build(settings);
  const std::string release = read_whole(generation() / "Release");
  EXPECT_TRUE(release.starts_with(
      "Origin: Acme\nLabel: Acme core\nSuite: bookworm\nCodename: bookworm\nDate: Thu, 09 Oct 2025 08:53:20 UTC\n"
      "Valid-Until: Sat, 11 Oct 2025 08:53:20 UTC\nAcquire-By-Hash: yes\nArchitectures: amd64 arm64 riscv64\n"
      "Components: main\n"))
      << release;
  const std::string signature_start = "-----fake-----\n" + sha256(release).hex();
  EXPECT_TRUE(read_whole(generation() / "InRelease").starts_with(release + signature_start));
  EXPECT_TRUE(read_whole(generation() / "Release.gpg").starts_with(signature_start));
}

TEST_F(DebIndexTest, EveryIndexIsThereByHashWithTheTimeOfPublication) {
  build(settings_with(true));
  std::size_t by_hash = 0;
  for (const BuiltGeneration::File& file : built_.files) {
    const std::filesystem::path path = candidate() / file.path;
    const FileDigest digest = digest_file(path).value();
    EXPECT_EQ(digest.sha256, file.digest.sha256) << file.path;
    EXPECT_EQ(digest.size_bytes, file.digest.size_bytes) << file.path;
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mtim.tv_sec, published_at.seconds) << file.path;
    EXPECT_EQ(status.st_mode & 07777U, 0644U);
    if (!file.path.starts_with("index/")) continue;
    ++by_hash;
    EXPECT_EQ(path.filename(), digest.sha256.hex());
  }
  EXPECT_EQ(by_hash, 15U);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(generation()))
    if (entry.is_regular_file() && entry.path().parent_path() != generation()) {
      EXPECT_TRUE(std::filesystem::exists(candidate() / tree_path::deb_by_hash(target, digest_file(entry.path())->sha256)))
          << entry.path();
    }
}

// Also for what an earlier version took into the catalog.
TEST_F(DebIndexTest, ASectionThatIsNotOneWordPutsNoLineIntoContents) {
  const Settings settings = settings_with(true);
  const DebFormat format(settings);
  std::vector<ListedPackage> packages;
  int number = 0;
  for (const std::string section : {"utils\n usr/bin/passwd admin/other", "a,admin/other", "two words", "non-free/net"}) {
    ListedPackage package;
    package.facts.name = "acme" + std::to_string(++number);
    package.facts.source_name = "acme";
    package.facts.architecture = "amd64";
    package.facts.file_name = package.facts.name + "_1_amd64.deb";
    const std::string files = "usr/bin/acme" + std::to_string(number) + "\n";
    package.record = DebRecord{"Package: acme\n", section, true, files}.text();
    packages.push_back(package);
  }
  MemoryPackageSource source(packages);
  const Supplements none;
  ASSERT_TRUE(format.build({target, 7, published_at, candidate(), source, source, none, signer_}).has_value());
  std::string expected;
  for (const char* line : {"1 acme1", "2 acme2", "3 acme3", "4 non-free/net/acme4"})
    expected += "usr/bin/acme" + std::string(line, 1) + std::string(60 - 13, ' ') + std::string(line + 2) + "\n";
  EXPECT_EQ(read_whole(generation() / "main/Contents-amd64"), expected);
}

TEST_F(DebIndexTest, ContentsNamesPackagesOfTheArchitectureAndAll) {
  build(settings_with(true));
  const std::string contents = read_whole(generation() / "main/Contents-arm64");
  EXPECT_NE(contents.find("usr/bin/acme" + std::string(48, ' ') + "misc/acme\n"), std::string::npos);
  EXPECT_NE(contents.find("misc/many-files\n"), std::string::npos);
  EXPECT_EQ(contents.find("libstdacme"), std::string::npos);
  EXPECT_EQ(output_of({"gzip", "-dc", (generation() / "main/Contents-arm64.gz").string()}), contents);
}

TEST_F(DebIndexTest, WithoutPackagesTheIndexesAreEmptyButThere) {
  const Settings settings = settings_with(false);
  MemoryPackageSource source({});
  const Supplements none;
  const auto outcome = DebFormat(settings).build({target, 7, published_at, candidate(), source, source, none, signer_});
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(read_whole(generation() / "main/binary-amd64/Packages"), "");
  EXPECT_EQ(output_of({"xz", "-dc", (generation() / "main/binary-arm64/Packages.xz").string()}), "");
  // Three times the same three files: one by-hash file for each.
  EXPECT_EQ(std::ranges::count_if(outcome->files, [](const auto& file) { return file.path.starts_with("index/"); }), 3);
}

}  // namespace
}  // namespace packyard
