#include "verify/deb_package_reader.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"
#include "tests/support/test_site.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

TEST(DebPackageReader, ReadsControlInEveryPacking) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "tree/DEBIAN");
  const std::string control = "Package: acme\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: x\n";
  std::ofstream(folder / "tree/DEBIAN/control") << control;
  std::ofstream(folder / "tree/DEBIAN/postinst") << "#!/bin/sh\n";
  fs::permissions(folder / "tree/DEBIAN/postinst",
                  fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec | fs::perms::group_read | fs::perms::others_read);
  for (const char* packing : {"xz", "gzip", "zstd", "none"}) {
    const fs::path package = folder / (std::string(packing) + ".deb");
    test::run_shell(std::string("dpkg-deb --uniform-compression -Z") + packing + " -b " + (folder / "tree").string() + " " +
                    package.string());
    const auto read = read_deb_control(package);
    ASSERT_TRUE(read) << packing << ": " << read.error().message;
    EXPECT_EQ(*read, control);
  }
  const std::string bytes = test::read_whole(folder / "xz.deb");
  for (const std::size_t length : {0, 7, 60, 100, 140, 200}) {
    std::ofstream(folder / "cut.deb", std::ios::binary) << bytes.substr(0, length);
    EXPECT_FALSE(read_deb_control(folder / "cut.deb")) << length;
  }
  for (const std::size_t at : {0, 8, 60, 66, 80, 130, 150}) {
    std::string damaged = bytes;
    damaged[at] = '!' + (damaged[at] == '!');
    std::ofstream(folder / "damaged.deb", std::ios::binary) << damaged;
    const auto read = read_deb_control(folder / "damaged.deb");
    EXPECT_TRUE(!read || *read == control) << at;
  }
  EXPECT_FALSE(read_deb_control(folder / "missing.deb"));
}

TEST(DebPackageReader, RefusesATarWithoutControl) {
  EXPECT_FALSE(find_control(""));
  EXPECT_FALSE(find_control(std::string(1024, '\0')));
  std::string header(512, '\0');
  header.replace(0, 7, "control");
  header.replace(124, 11, "00000001000");
  header[156] = '0';
  EXPECT_FALSE(find_control(header));  // promises 512 bytes, has none
  header.replace(124, 11, "0000000000x");
  EXPECT_FALSE(find_control(header));
  header.replace(124, 11, "00000000003");
  EXPECT_EQ(find_control(header + "abc").value(), "abc");
}

}  // namespace
}  // namespace packyard
