#include "verify/input_decompressor.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"
#include "tests/support/test_site.h"

namespace packyard {
namespace {

class DecompressorTest : public testing::TestWithParam<std::pair<const char*, const char*>> {
 protected:
  void SetUp() override {
    for (int i = 0; i < 60'000; ++i) text_ += std::to_string(i) + "\n";
    std::ofstream(folder_ / "plain") << text_;
    test::run_shell(std::string(GetParam().first) + " <" + (folder_ / "plain").string() + " >" + packed().string());
  }
  std::filesystem::path packed() const { return folder_ / (std::string("file") + GetParam().second); }
  Result<std::string> unpack(const std::string& bytes, std::size_t step, std::uint64_t limit = 1 << 30) {
    std::string output;
    InputDecompressor decompressor(packing_of(packed().string()), limit, [&](std::string_view piece) -> Result<void> {
      output += piece;
      return {};
    });
    for (std::size_t at = 0; at < bytes.size(); at += step) TRY(decompressor.feed(std::string_view(bytes).substr(at, step)));
    TRY(decompressor.finish());
    return output;
  }
  TemporaryFolder folder_;
  std::string text_;
};

TEST_P(DecompressorTest, UnpacksWholeInPiecesAndJoined) {
  const std::string bytes = test::read_whole(packed());
  EXPECT_EQ(unpack(bytes, bytes.size()).value(), text_);
  EXPECT_EQ(unpack(bytes, 7).value(), text_);
  EXPECT_EQ(unpack(bytes + bytes, 4096).value(), text_ + text_);
  const auto digest = unpack_file(packed(), packing_of(packed().string()), 1 << 30,
                                  [](std::string_view) -> Result<void> { return {}; });
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->sha256, sha256(text_));
  EXPECT_EQ(digest->size_bytes, text_.size());
}

// Blocks of 128 KiB go out: an end that coincides with one's is an end, too.
TEST_P(DecompressorTest, EndsWithAFullBlock) {
  text_.resize(2 * 128 * 1024);
  std::ofstream(folder_ / "plain") << text_;
  test::run_shell(std::string(GetParam().first) + " <" + (folder_ / "plain").string() + " >" + packed().string());
  const std::string bytes = test::read_whole(packed());
  EXPECT_EQ(unpack(bytes, bytes.size()).value_or("damaged"), text_);
  EXPECT_EQ(unpack(bytes, 7).value_or("damaged"), text_);
  EXPECT_EQ(unpack(bytes + bytes, bytes.size()).value_or("damaged"), text_ + text_);
}

TEST_P(DecompressorTest, RefusesDamageAndBombs) {
  const std::string bytes = test::read_whole(packed());
  EXPECT_FALSE(unpack(bytes.substr(0, bytes.size() / 2), 4096));
  EXPECT_FALSE(unpack(bytes.substr(0, bytes.size() - 1), 4096));
  std::string damaged = bytes;
  damaged[0] = static_cast<char>(damaged[0] ^ 0x55);
  EXPECT_FALSE(unpack(damaged, 4096));
  EXPECT_FALSE(unpack(bytes, 4096, text_.size() - 1));
  EXPECT_TRUE(unpack(bytes, 4096, text_.size()));
}

INSTANTIATE_TEST_SUITE_P(Packings, DecompressorTest,
                         testing::Values(std::pair("gzip", ".gz"), std::pair("xz", ".xz"), std::pair("zstd -q", ".zst")));

TEST(InputDecompressor, PassesPlainFilesThrough) {
  EXPECT_EQ(packing_of("Packages"), Packing::none);
  std::string output;
  InputDecompressor decompressor(Packing::none, 3, [&](std::string_view piece) -> Result<void> {
    output += piece;
    return {};
  });
  EXPECT_TRUE(decompressor.feed("abc"));
  EXPECT_TRUE(decompressor.finish());
  EXPECT_EQ(output, "abc");
  EXPECT_FALSE(decompressor.feed("d"));
}

}  // namespace
}  // namespace packyard
