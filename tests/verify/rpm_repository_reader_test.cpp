#include "verify/rpm_repository_reader.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

const std::string digest(64, 'a');

std::string primary(const std::string& count, const std::string& package) {
  return "<metadata xmlns=\"http://linux.duke.edu/metadata/common\" packages=\"" + count + "\">" + package + "</metadata>";
}
const std::string package = "<package type=\"rpm\"><name>acme</name><arch>x86_64</arch><version epoch=\"2\" ver=\"1.0\" rel=\"1\"/>"
                            "<checksum type=\"sha256\" pkgid=\"YES\">" + digest +
                                "</checksum><size package=\"5\" installed=\"9\"/>"
                            "<location href=\"packages/a/acme.rpm\"/><format><file>/name</file></format></package>";

Result<std::vector<std::pair<std::string, IndexedPackage>>> read(const std::string& xml) {
  std::vector<std::pair<std::string, IndexedPackage>> packages;
  PrimaryReader reader([&](const std::string& location, const IndexedPackage& found) { packages.emplace_back(location, found); });
  TRY(reader.feed(xml));
  TRY(reader.finish());
  return packages;
}

std::string changed(std::string text, const std::string& from,
                    const std::string& to) { return text.replace(text.find(from), from.size(), to); }

TEST(PrimaryReader, ReadsPackages) {
  const auto packages = read(primary("1", package));
  ASSERT_TRUE(packages) << packages.error().message;
  const auto& [location, found] = packages->at(0);
  EXPECT_EQ(location, "packages/a/acme.rpm");
  EXPECT_EQ(found.name, "acme");
  EXPECT_EQ(found.version, "2:1.0-1");
  EXPECT_EQ(found.architecture, "x86_64");
  EXPECT_EQ(found.size_bytes, 5u);
  EXPECT_EQ(found.sha256.hex(), digest);
  EXPECT_EQ(read(primary("1", changed(package, "epoch=\"2\"", "epoch=\"0\"")))->at(0).second.version, "1.0-1");
  EXPECT_TRUE(read(primary("0", ""))->empty());
}

TEST(PrimaryReader, RefusesPackagesThatLackSomething) {
  EXPECT_FALSE(read(primary("2", package)));
  EXPECT_FALSE(read(primary("x", package)));
  EXPECT_FALSE(read(primary("1", changed(package, "sha256", "sha"))));
  EXPECT_FALSE(read(primary("1", changed(package, "aaaa", "zzzz"))));
  EXPECT_FALSE(read(primary("1", changed(package, "package=\"5\"", "package=\"-5\""))));
  EXPECT_FALSE(read(primary("1", changed(package, "<location href=\"packages/a/acme.rpm\"/>", ""))));
}

TEST(Repomd, ReadsRecords) {
  const auto repomd = read_repomd("<repomd xmlns=\"http://linux.duke.edu/metadata/repo\"><revision>7</revision><data type=\"primary\">"
                                  "<checksum type=\"sha256\">c</checksum><open-checksum type=\"sha256\">o</open-checksum>"
                                  "<location href=\"repodata/x\"/><timestamp>1</timestamp>"
                                  "<size>3</size><open-size>4</open-size></data></repomd>");
  ASSERT_TRUE(repomd) << repomd.error().message;
  EXPECT_EQ(repomd->revision, "7");
  const RepomdRecord& record = repomd->records.at(0);
  EXPECT_EQ(record.type + record.href + record.checksum + record.open_checksum, "primaryrepodata/xco");
  EXPECT_EQ(record.size_bytes, 3u);
  EXPECT_EQ(record.open_size_bytes, 4u);
  EXPECT_FALSE(read_repomd("<metalink/>"));
  EXPECT_FALSE(read_repomd(""));
}

}  // namespace
}  // namespace packyard
