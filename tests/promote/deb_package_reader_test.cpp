#include "promote/deb_package_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/durable_file.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_packages.h"

namespace packyard {
namespace {

TEST(DebPackageReader, ReadsEveryShape) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test_debs())) {
    if (entry.path().extension() != ".deb") continue;
    ++count;
    const auto package = read_deb_package(entry.path(), DebDepth::with_files);
    ASSERT_TRUE(package.has_value()) << entry.path() << ": " << package.error().message;
    const auto facts = deb_facts(package->control);
    ASSERT_TRUE(facts.has_value()) << facts.error().message;
    EXPECT_EQ(facts->file_name, entry.path().filename());
  }
  EXPECT_EQ(count, 11U);
}

TEST(DebPackageReader, ListsFiles) {
  EXPECT_EQ(read_deb_package(test_debs() / "many-files_1_all.deb", DebDepth::with_files)->files.size(), 10'000U);
  EXPECT_EQ(read_deb_package(test_debs() / "unicode_1_all.deb", DebDepth::with_files)->files,
            std::vector<std::string>{"usr/share/größe/Überschrift – ñ.txt"});
  const auto files = read_deb_package(test_debs() / "long-names_1.0_all.deb", DebDepth::with_files)->files;
  EXPECT_EQ(files.size(), 2U);
  EXPECT_TRUE(std::ranges::any_of(files, [](const std::string& file) { return file.size() > 240; }));
}

TEST(DebPackageReader, TakesTheSourceNameWithoutItsVersion) {
  const auto package = read_deb_package(test_debs() / "libstdacme++6_12.2.0+ds~beta2-3+deb12u1_amd64.deb", DebDepth::whole);
  ASSERT_TRUE(package.has_value()) << package.error().message;
  const PackageFacts facts = deb_facts(package->control).value();
  EXPECT_EQ(facts.source_name, "gcc-acme");
  EXPECT_EQ(facts.version, "2:12.2.0+ds~beta2-3+deb12u1");
  EXPECT_TRUE(deb_staged_name_fits("libstdacme++6_12.2.0+ds~beta2-3+deb12u1_amd64.deb", facts));
  EXPECT_TRUE(deb_staged_name_fits("libstdacme++6_2%3a12.2.0+ds~beta2-3+deb12u1_amd64.deb", facts));
  EXPECT_TRUE(deb_staged_name_fits("libstdacme++6_2:12.2.0+ds~beta2-3+deb12u1_amd64.deb", facts));
  EXPECT_FALSE(deb_staged_name_fits("libstdacme++6_3%3a12.2.0+ds~beta2-3+deb12u1_amd64.deb", facts));
  EXPECT_FALSE(deb_staged_name_fits("libstdacme++6_12.2.0+ds~beta2-3+deb12u1_arm64.deb", facts));
}

Result<DebPackage> read_bytes(const TemporaryFolder& folder, std::string_view bytes) {
  const std::filesystem::path file = folder / "package.deb";
  std::filesystem::remove(file);
  EXPECT_TRUE(write_new_file(file, bytes, FileMode::owner_only).has_value());
  return read_deb_package(file, DebDepth::whole);
}

TEST(DebPackageReader, EveryTruncationIsFound) {
  TemporaryFolder folder;
  for (const char* name :
       {"acme_1.0-1_amd64.deb", "zipped_7_all.deb", "libstdacme++6_12.2.0+ds~beta2-3+deb12u1_amd64.deb", "plain_7.1_all.deb"}) {
    const std::string bytes = read_small_file(test_debs() / name, 1 << 20).value();
    for (std::size_t size = 0; size + 1 < bytes.size(); size += bytes.size() > 4000 ? 97 : 1) {
      const auto package = read_bytes(folder, bytes.substr(0, size));
      ASSERT_FALSE(package.has_value()) << name << " cut to " << size;
      EXPECT_EQ(package.error().code, ErrorCode::invalid) << package.error().message;
    }
  }
}

TEST(DebPackageReader, FlippedBitsInCompressedMembersAreFound) {
  TemporaryFolder folder;
  for (const char* name : {"acme_1.0-1_amd64.deb", "zipped_7_all.deb"}) {
    const std::string bytes = read_small_file(test_debs() / name, 1 << 20).value();
    const std::size_t control = bytes.find("control.tar"), data = bytes.find("data.tar");
    ASSERT_LT(control, data);
    // gzip's header (10 bytes) carries a time and a system nobody reads.
    int missed = 0;
    for (const auto& [from, to] : {std::pair{control + 60 + 10, data - 2}, std::pair{data + 60 + 10, bytes.size() - 2}})
      for (std::size_t at = from; at < to; at += std::max<std::size_t>(1, (to - from) / 150)) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
        const auto package = read_bytes(folder, damaged);
        // Deflate leaves a few bits before its checksum unused; a package that still reads reads the same.
        missed += package.has_value() ? 1 : 0;
      }
    EXPECT_LE(missed, 2) << name;
  }
}

TEST(DebPackageReader, RefusesOtherThingsWithWords) {
  TemporaryFolder folder;
  for (const auto& [bytes, why] :
       {std::pair<std::string, const char*>{"", "truncated"},
        {"\xed\xab\xee\xdb not a deb", "begin as an ar archive"},
        {"!<arch>\n", "no control.tar"},
        {"!<arch>\nother/          0           0     0     100644  2         `\nx\n", "not debian-binary"}}) {
    const auto package = read_bytes(folder, bytes);
    ASSERT_FALSE(package.has_value());
    EXPECT_NE(package.error().message.find(why), std::string::npos) << package.error().message;
  }
}

TEST(DebFacts, RefusesNamesThatAreNotPolicys) {
  const auto facts_of = [](const std::string& text) { return deb_facts(DebControl::parse(text).value()); };
  EXPECT_TRUE(facts_of("Package: acme\nVersion: 1\nArchitecture: amd64\n").has_value());
  EXPECT_TRUE(facts_of("Package: acme\nVersion: 1\nArchitecture: amd64\nSection: non-free/utils\n").has_value());
  for (const char* text :
       {"Package: ../x\nVersion: 1\nArchitecture: amd64\n", "Package: A\nVersion: 1\nArchitecture: amd64\n",
        "Package: acme\nVersion: ../1\nArchitecture: amd64\n", "Package: acme\nVersion: 1\nArchitecture: any\n",
        "Package: acme\nVersion: 1\nArchitecture: amd64 arm64\n", "Package: acme\nVersion: 1\n",
        "Package: acme\nVersion: 1\nArchitecture: amd64\nSource: ../../x\n", "Package: acme\nVersion: 1\n 2\nArchitecture: all\n",
        "Package: acme\nVersion: 1\nArchitecture: all\nSection: utils\n usr/bin/passwd  admin/other\n"})
    EXPECT_FALSE(facts_of(text).has_value()) << text;
}

}  // namespace
}  // namespace packyard
