#include "promote/tar_reader.h"

#include <gtest/gtest.h>

#include "core/command_runner.h"
#include "core/durable_file.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

// A name longer than the old formats' 100 bytes, where the format can have one.
std::string long_name(const std::string& format) { return std::string(format == "ustar" ? 80 : 120, 'd'); }

// A tar of a folder with a file, a link and a long name, in the given format of GNU tar.
std::string tar_of(const TemporaryFolder& folder, const std::string& format) {
  const std::filesystem::path tree = folder / ("tree-" + format);
  EXPECT_TRUE(make_folders(tree / long_name(format)).has_value());
  EXPECT_TRUE(write_new_file(tree / "file", "content", FileMode::world_readable).has_value());
  EXPECT_TRUE(write_new_file(tree / long_name(format) / "grün", "g", FileMode::world_readable).has_value());
  std::filesystem::create_symlink("file", tree / "link");
  SystemCommandRunner runner;
  const auto made =
      runner.run({.arguments = {"tar", "--format=" + format, "-C", tree.string(), "-c", "."}, .environment = {}, .input = {}});
  EXPECT_TRUE(made && made->exit_status == 0);
  return made->output;
}

Result<std::vector<TarEntry>> entries_of(std::string_view bytes, std::string& content, std::size_t limit_bytes = 100) {
  const ByteSource source = [&bytes]() -> Result<std::string_view> {
    const std::string_view piece = bytes.substr(0, 700);
    bytes.remove_prefix(piece.size());
    return piece;
  };
  std::vector<TarEntry> entries;
  const auto visit = [&](const TarEntry& entry, const TarEntryBytes& read) -> Result<void> {
    entries.push_back(entry);
    if (entry.path != "./file") return {};
    TRY_ASSIGN(content, read(limit_bytes));
    return {};
  };
  TRY(read_tar(source, visit));
  return entries;
}

TEST(TarReader, ReadsTheFormatsPackagesHave) {
  TemporaryFolder folder;
  for (const char* format : {"gnu", "pax", "ustar"}) {
    std::string content;
    const auto entries = entries_of(tar_of(folder, format), content);
    ASSERT_TRUE(entries.has_value()) << format << ": " << entries.error().message;
    EXPECT_EQ(content, "content");
    ASSERT_EQ(entries->size(), 5U);
    int files = 0, folders = 0;
    bool unicode = false;
    for (const TarEntry& entry : *entries) {
      files += entry.is_file ? 1 : 0;
      folders += entry.is_folder ? 1 : 0;
      unicode = unicode || entry.path == "./" + long_name(format) + "/grün";
    }
    EXPECT_EQ(files, 2);
    EXPECT_EQ(folders, 2);
    EXPECT_TRUE(unicode) << format;
  }
}

TEST(TarReader, DamageAndExcessAreInvalid) {
  TemporaryFolder folder;
  const std::string bytes = tar_of(folder, "gnu");
  std::string content;
  EXPECT_EQ(entries_of(bytes, content, 3).error().code, ErrorCode::invalid);
  EXPECT_FALSE(entries_of(bytes + "x", content).has_value());
  EXPECT_FALSE(entries_of(std::string(1024, 'x'), content).has_value());
  std::string damaged = bytes;
  damaged[600] = static_cast<char>(damaged[600] ^ 1);  // in the second header, which has a checksum
  EXPECT_FALSE(entries_of(damaged, content).has_value());
  EXPECT_FALSE(entries_of(bytes.substr(0, 700), content).has_value());
}

TEST(TarReader, TheSourcesErrorIsPassedOn) {
  const auto outcome = read_tar([]() -> Result<std::string_view> { return fail(ErrorCode::unavailable, "disk gone"); },
                                [](const TarEntry&, const TarEntryBytes&) -> Result<void> { return {}; });
  EXPECT_EQ(outcome.error().message, "disk gone");
}

}  // namespace
}  // namespace packyard
