#include "promote/compressor.h"

#include <gtest/gtest.h>

#include "core/command_runner.h"
#include "tests/promote/stream_samples.h"

namespace packyard {
namespace {

class CompressorTest : public testing::TestWithParam<Compression> {};
INSTANTIATE_TEST_SUITE_P(All, CompressorTest, testing::Values(Compression::gzip, Compression::xz, Compression::zstd),
                         [](const auto& chosen) { return std::string(to_string(chosen.param)); });

TEST_P(CompressorTest, RealToolsReadIt) {
  const std::string text = sample_text();
  const std::string packed = compressed(GetParam(), text, 1000);
  EXPECT_LT(packed.size(), text.size() / 2);
  const std::string tool = GetParam() == Compression::gzip ? "gzip" : std::string(to_string(GetParam()));
  SystemCommandRunner runner;
  const auto outcome =
      runner.run({.arguments = {tool, "-d", "-c"}, .environment = {}, .input = packed, .output_bytes_max = 8 << 20});
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(outcome->exit_status, 0) << outcome->errors;
  EXPECT_TRUE(outcome->output == text);
}

TEST_P(CompressorTest, SameBytesGiveTheSameResult) {
  EXPECT_TRUE(compressed(GetParam(), sample_text()) == compressed(GetParam(), sample_text()));
}

TEST_P(CompressorTest, PassesOnWhatTheSinkSays) {
  const auto full = [](std::string_view) -> Result<void> { return fail(ErrorCode::unavailable, "full"); };
  const auto compressor = make_compressor(GetParam(), full);
  const auto outcome = compressor->write(sample_text());
  EXPECT_EQ(outcome ? compressor->finish().error().message : outcome.error().message, "full");
}

TEST(CompressionSuffix, IsWhatClientsExpect) {
  EXPECT_EQ(compression_suffix(Compression::gzip), "gz");
  EXPECT_EQ(compression_suffix(Compression::xz), "xz");
  EXPECT_EQ(compression_suffix(Compression::zstd), "zst");
}

}  // namespace
}  // namespace packyard
