#include "promote/index_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/durable_file.h"
#include "tests/promote/stream_samples.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

TEST(IndexFile, HashesWhatItWritesAndSetsModeAndTime) {
  TemporaryFolder folder;
  const std::string text = sample_text();
  IndexFile file = IndexFile::create(folder / "a/b/index").value();
  for (std::size_t at = 0; at < text.size(); at += 1000) ASSERT_TRUE(file.write(text.substr(at, 1000)).has_value());
  const auto digest = file.finish(Timestamp{1'700'000'000});
  ASSERT_TRUE(digest.has_value()) << digest.error().message;
  EXPECT_EQ(digest->sha256, sha256(text));
  EXPECT_EQ(digest->size_bytes, text.size());
  EXPECT_TRUE(read_small_file(folder / "a/b/index", 1 << 20).value() == text);
  struct stat status {};
  ASSERT_EQ(stat((folder / "a/b/index").c_str(), &status), 0);
  EXPECT_EQ(status.st_mtim.tv_sec, 1'700'000'000);
  EXPECT_EQ(status.st_mode & 07777U, 0644U);
}

TEST(IndexFile, NeverReplacesAFile) {
  TemporaryFolder folder;
  ASSERT_TRUE(write_index_file(folder / "index", "a", Timestamp{1}).has_value());
  EXPECT_EQ(write_index_file(folder / "index", "b", Timestamp{1}).error().code, ErrorCode::conflict);
}

TEST(IndexFile, CompressesAnExistingFile) {
  TemporaryFolder folder;
  ASSERT_TRUE(write_index_file(folder / "plain", sample_text(), Timestamp{1}).has_value());
  const auto digest = compress_index_file(folder / "plain", folder / "packed", Compression::xz, Timestamp{1});
  ASSERT_TRUE(digest.has_value()) << digest.error().message;
  const std::string packed = read_small_file(folder / "packed", 1 << 20).value();
  EXPECT_EQ(digest->sha256, sha256(packed));
  EXPECT_TRUE(decompressed(Compression::xz, packed).value() == sample_text());
  EXPECT_EQ(compress_index_file(folder / "absent", folder / "other", Compression::xz, Timestamp{1}).error().code,
            ErrorCode::not_found);
}

}  // namespace
}  // namespace packyard
