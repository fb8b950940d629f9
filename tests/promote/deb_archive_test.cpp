#include "promote/deb_archive.h"

#include <gtest/gtest.h>

#include "core/durable_file.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_packages.h"

namespace packyard {
namespace {

// An ar member: name, time, owner, group, mode, size, end mark, bytes, padding.
std::string member(std::string name, const std::string& bytes) {
  std::string size = std::to_string(bytes.size());
  name.resize(16, ' ');
  size.resize(10, ' ');
  return name + "0           0     0     100644  " + size + "`\n" + bytes + (bytes.size() % 2 == 1 ? "\n" : "");
}

Result<void> open_bytes(const std::string& bytes) {
  TemporaryFolder folder;
  TRY(write_new_file(folder / "a.deb", bytes, FileMode::owner_only));
  TRY_ASSIGN(const DebArchive archive, DebArchive::open(folder / "a.deb"));
  return {};
}

const std::string start = "!<arch>\n" + member("debian-binary", "2.0\n");

TEST(DebArchive, TakesMembersInTheirOrderAndIgnoresThoseWithAnUnderscore) {
  EXPECT_TRUE(open_bytes(start + member("control.tar.xz", "abc") + member("data.tar", "de")).has_value());
  EXPECT_TRUE(
      open_bytes(start + member("_x", "y") + member("control.tar/", "a") + member("data.tar", "") + member("_gpgorigin", "z"))
          .has_value());
}

TEST(DebArchive, RefusesEverythingElse) {
  const std::string control = member("control.tar", "abc"), data = member("data.tar", "de");
  for (const std::string& bytes :
       {"!<arch>\n" + control + data, start + data + control, start + control, start + control + control + data,
        start + control + data + data, start + control + data + member("more", "x"), start + control + data + "x",
        "!<arch>\n" + member("debian-binary", "3.0\n") + control + data}) {
    const auto opened = open_bytes(bytes);
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().code, ErrorCode::invalid) << opened.error().message;
  }
  std::string negative = start + control + data;
  negative[negative.find("`\n", 100) - 10] = '-';
  EXPECT_FALSE(open_bytes(negative).has_value());
  EXPECT_EQ(DebArchive::open("/does/not/exist").error().code, ErrorCode::not_found);
}

TEST(DebArchive, OtherCompressionsAreNamed) {
  TemporaryFolder folder;
  ASSERT_TRUE(write_new_file(folder / "a.deb", start + member("control.tar.bz2", "x") + member("data.tar.lzma", "x"),
                             FileMode::owner_only));
  DebArchive archive = DebArchive::open(folder / "a.deb").value();
  EXPECT_NE(archive.control_tar().error().message.find("-Zxz"), std::string::npos);
  EXPECT_FALSE(archive.data_tar().has_value());
}

TEST(DebArchive, GivesBothTarStreams) {
  DebArchive archive = DebArchive::open(test_debs() / "acme_1.0-1_amd64.deb").value();
  for (const ByteSource& source : {archive.control_tar().value(), archive.data_tar().value()}) {
    std::size_t size_bytes = 0;
    while (true) {
      const auto piece = source();
      ASSERT_TRUE(piece.has_value()) << piece.error().message;
      if (piece->empty()) break;
      size_bytes += piece->size();
    }
    EXPECT_EQ(size_bytes % 512, 0U);
    EXPECT_GE(size_bytes, 1024U);
  }
}

}  // namespace
}  // namespace packyard
