#include "promote/tar_reader.h"

#include <gtest/gtest.h>

#include "core/command_runner.h"
#include "core/durable_file.h"
#include "tests/promote/tar_samples.h"
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
    TRY_ASSIGN(content, read.read(limit_bytes));
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
    bool unicode = false, link = false;
    for (const TarEntry& entry : *entries) {
      files += entry.kind == TarEntryKind::file ? 1 : 0;
      folders += entry.kind == TarEntryKind::folder ? 1 : 0;
      link = link || (entry.kind == TarEntryKind::symbolic_link && entry.link_target == "file");
      unicode = unicode || entry.path == "./" + long_name(format) + "/grün";
    }
    EXPECT_EQ(files, 2);
    EXPECT_EQ(folders, 2);
    EXPECT_TRUE(unicode && link) << format;
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

TEST(TarReader, WhatFollowsTheEndIsSeenWhereverAPieceEnds) {
  const auto ignore = [](const TarEntry&, const TarEntryBytes&) -> Result<void> { return {}; };
  const std::string bytes = tar_member("a", "1") + tar_end();
  for (const std::size_t piece_bytes : {512U, 700U, 1024U, 65536U}) {
    EXPECT_TRUE(read_tar(source_of(bytes + std::string(9000, '\0'), piece_bytes), ignore).has_value()) << piece_bytes;
    for (const std::size_t zeros : {0U, 1U, 9000U})
      EXPECT_EQ(read_tar(source_of(bytes + std::string(zeros, '\0') + "x", piece_bytes), ignore).error().message,
                "bytes follow the end of the tar archive")
          << piece_bytes;
  }
}

TEST(TarReader, BytesPassInPiecesAndUnreadOnesAreSkipped) {
  const std::string large(3'000'000, 'l');
  const std::string bytes = tar_member("skipped", large) + tar_member("taken", large) + tar_member("link", "", '1', "taken") +
                            tar_member("pipe", "", '6') + tar_end();
  std::size_t streamed_bytes = 0, pieces = 0;
  std::vector<TarEntryKind> kinds;
  const auto read = read_tar(source_of(bytes), [&](const TarEntry& entry, const TarEntryBytes& content) -> Result<void> {
    kinds.push_back(entry.kind);
    if (entry.path != "taken") return {};
    return content.stream([&](std::string_view piece) -> Result<void> {
      streamed_bytes += piece.size();
      ++pieces;
      return {};
    });
  });
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(streamed_bytes, large.size());
  EXPECT_GT(pieces, 10U);
  EXPECT_EQ(kinds, (std::vector{TarEntryKind::file, TarEntryKind::file, TarEntryKind::hard_link, TarEntryKind::other}));
}

TEST(TarReader, HolesAreSeenAndNeverFilled) {
  TemporaryFolder folder;
  for (const char* format : {"gnu", "pax"}) {
    const std::string bytes = sparse_tar(folder.path(), format);
    bool is_sparse = false;
    const auto read = read_tar(source_of(bytes), [&](const TarEntry& entry, const TarEntryBytes& content) -> Result<void> {
      is_sparse = entry.is_sparse;
      return content.stream([](std::string_view) -> Result<void> { return {}; });
    });
    EXPECT_TRUE(is_sparse) << format;
    EXPECT_EQ(read.error().message, "an entry has holes that the tar archive does not hold") << format;
  }
}

// A map of holes lies in front of the bytes and is kept in memory as a list, of which every four bytes make an element.
TEST(TarReader, AHeaderThatNeverEndsIsRefused) {
  const auto record = [](const std::string& text) {
    std::string whole;
    while (whole != std::to_string(whole.size()) + " " + text + "\n") whole = std::to_string(whole.size()) + " " + text + "\n";
    return whole;
  };
  const std::string pax =
      record("GNU.sparse.major=1") + record("GNU.sparse.minor=0") + record("GNU.sparse.name=x") + record("GNU.sparse.realsize=9");
  std::string map = "99999999\n";
  while (map.size() < 16U << 20) map += "0\n0\n";
  const auto read = read_tar(source_of(tar_member("pax", pax, 'x') + tar_member("x", map) + tar_end()),
                             [](const TarEntry&, const TarEntryBytes&) -> Result<void> { return {}; });
  EXPECT_EQ(read.error().message, "an entry of the tar archive has a header above 4 MiB");
}

TEST(TarReader, TheSourcesErrorIsPassedOn) {
  const auto outcome = read_tar([]() -> Result<std::string_view> { return fail(ErrorCode::unavailable, "disk gone"); },
                                [](const TarEntry&, const TarEntryBytes&) -> Result<void> { return {}; });
  EXPECT_EQ(outcome.error().message, "disk gone");
}

}  // namespace
}  // namespace packyard
