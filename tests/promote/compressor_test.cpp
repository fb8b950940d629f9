#include "promote/compressor.h"

#include <gtest/gtest.h>

#include "core/command_runner.h"
#include "promote/decompressor.h"

namespace packyard {
namespace {

std::string sample() {
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += "line " + std::to_string(i * 7919 % 10007) + "\n";
  return text;
}

std::string compressed(Compression compression, std::string_view bytes, std::size_t piece_bytes) {
  std::string result;
  const auto compressor = make_compressor(compression, [&](std::string_view piece) -> Result<void> {
    result += piece;
    return {};
  });
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) EXPECT_TRUE(compressor->write(bytes.substr(at, piece_bytes)).has_value());
  EXPECT_TRUE(compressor->finish().has_value());
  return result;
}

Result<std::string> decompressed(Compression compression, std::string_view bytes, std::size_t piece_bytes) {
  const auto decompressor = make_decompressor(compression, [&]() -> Result<std::string_view> {
    const std::string_view piece = bytes.substr(0, piece_bytes);
    bytes.remove_prefix(piece.size());
    return piece;
  });
  std::string result;
  while (true) {
    TRY_ASSIGN(const std::string_view piece, decompressor->read());
    if (piece.empty()) return result;
    result += piece;
  }
}

class CompressorTest : public testing::TestWithParam<Compression> {};
INSTANTIATE_TEST_SUITE_P(All, CompressorTest, testing::Values(Compression::gzip, Compression::xz, Compression::zstd),
                         [](const auto& chosen) { return std::string(to_string(chosen.param)); });

TEST_P(CompressorTest, RealToolsReadIt) {
  const std::string text = sample();
  const std::string packed = compressed(GetParam(), text, 1000);
  EXPECT_LT(packed.size(), text.size() / 2);
  SystemCommandRunner runner;
  const auto outcome = runner.run(
      {.arguments = {GetParam() == Compression::gzip ? "gzip" : std::string(to_string(GetParam())), "-d", "-c"}, .environment = {}, .input = packed, .output_bytes_max = 8 << 20});
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(outcome->exit_status, 0) << outcome->errors;
  EXPECT_TRUE(outcome->output == text);
}

TEST_P(CompressorTest, SameBytesGiveTheSameResult) {
  EXPECT_TRUE(compressed(GetParam(), sample(), 1000) == compressed(GetParam(), sample(), 1000));
}

TEST_P(CompressorTest, ReadsBackInAnyPieces) {
  for (const std::string& text : {std::string(), std::string("x"), std::string(65536, 'a'), std::string(200'000, 'b'), sample()})
    for (const std::size_t piece_bytes : {1UL, 777UL, 1UL << 20}) {
      const std::string packed = compressed(GetParam(), text, 4096);
      const auto read = decompressed(GetParam(), packed, piece_bytes);
      ASSERT_TRUE(read.has_value()) << read.error().message;
      EXPECT_TRUE(*read == text);
      const auto twice = decompressed(GetParam(), packed + packed, piece_bytes);
      ASSERT_TRUE(twice.has_value()) << twice.error().message;
      EXPECT_TRUE(*twice == text + text);
    }
}

TEST_P(CompressorTest, EveryTruncationIsFound) {
  const std::string packed = compressed(GetParam(), "a short text, a short text", 4096);
  for (std::size_t size = 0; size < packed.size(); ++size)
    EXPECT_FALSE(decompressed(GetParam(), packed.substr(0, size), 4096).has_value()) << size;
  EXPECT_FALSE(decompressed(GetParam(), packed + "x", 4096).has_value());
}

TEST_P(CompressorTest, FlippedBitsNeverGiveOtherBytes) {
  const std::string text = "a short text, a short text";
  const std::string packed = compressed(GetParam(), text, 4096);
  for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
    std::string damaged = packed;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto read = decompressed(GetParam(), damaged, 4096);
    // gzip's time and system fields carry nothing, so a changed one is no damage.
    EXPECT_EQ(read.value_or(text), text) << bit;
  }
}

TEST_P(CompressorTest, PassesOnWhatTheSinkSays) {
  const auto compressor = make_compressor(GetParam(), [](std::string_view) -> Result<void> { return fail(ErrorCode::unavailable, "full"); });
  const auto outcome = compressor->write(sample());
  EXPECT_EQ(outcome ? compressor->finish().error().message : outcome.error().message, "full");
}

}  // namespace
}  // namespace packyard
