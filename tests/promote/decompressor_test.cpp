#include "promote/decompressor.h"

#include <gtest/gtest.h>

#include "tests/promote/stream_samples.h"

namespace packyard {
namespace {

class DecompressorTest : public testing::TestWithParam<Compression> {};
INSTANTIATE_TEST_SUITE_P(All, DecompressorTest, testing::Values(Compression::gzip, Compression::xz, Compression::zstd),
                         [](const auto& chosen) { return std::string(to_string(chosen.param)); });

TEST_P(DecompressorTest, ReadsBackInAnyPieces) {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(65536, 'a'), std::string(200'000, 'b'), sample_text()})
    for (const std::size_t piece_bytes : {1UL, 777UL, 1UL << 20}) {
      const std::string packed = compressed(GetParam(), text);
      const auto read = decompressed(GetParam(), packed, piece_bytes);
      ASSERT_TRUE(read.has_value()) << read.error().message;
      EXPECT_TRUE(*read == text);
      const auto twice = decompressed(GetParam(), packed + packed, piece_bytes);
      ASSERT_TRUE(twice.has_value()) << twice.error().message;
      EXPECT_TRUE(*twice == text + text);
    }
}

TEST_P(DecompressorTest, EveryTruncationIsFound) {
  const std::string packed = compressed(GetParam(), "a short text, a short text");
  for (std::size_t size = 0; size < packed.size(); ++size) {
    const auto read = decompressed(GetParam(), packed.substr(0, size));
    ASSERT_FALSE(read.has_value()) << size;
    EXPECT_EQ(read.error().code, ErrorCode::invalid);
  }
  EXPECT_FALSE(decompressed(GetParam(), packed + "x").has_value());
}

TEST_P(DecompressorTest, FlippedBitsNeverGiveOtherBytes) {
  const std::string text = "a short text, a short text";
  const std::string packed = compressed(GetParam(), text);
  for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
    std::string damaged = packed;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto read = decompressed(GetParam(), damaged);
    // gzip's time and system fields carry nothing, so a changed one is no damage.
    EXPECT_EQ(read.value_or(text), text) << bit;
  }
}

TEST_P(DecompressorTest, PassesOnWhatTheSourceSays) {
  const auto broken = []() -> Result<std::string_view> { return fail(ErrorCode::unavailable, "disk gone"); };
  EXPECT_EQ(make_decompressor(GetParam(), broken)->read().error().message, "disk gone");
}

}  // namespace
}  // namespace packyard
