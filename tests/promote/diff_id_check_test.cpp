#include "promote/diff_id_check.h"

#include <gtest/gtest.h>

#include "core/durable_file.h"
#include "tests/promote/stream_samples.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

class DiffIdCheck : public ::testing::Test {
 protected:
  LayerToCheck layer(std::string_view bytes, std::optional<Compression> compression, std::string_view plain) {
    const auto file = folder_ / std::to_string(files_++);
    EXPECT_TRUE(write_new_file(file, bytes, FileMode::world_readable).has_value());
    return {file, sha256(bytes), bytes.size(), compression, sha256(plain)};
  }
  static std::string refusal(const std::vector<LayerToCheck>& layers, DiffIdLimits limits = {}) {
    const auto outcome = check_diff_ids(layers, limits);
    return outcome ? "" : outcome.error().message;
  }

  TemporaryFolder folder_;
  int files_ = 0;
  const std::string text_ = sample_text();
};

TEST_F(DiffIdCheck, LayersInEveryForm) {
  std::vector<LayerToCheck> layers;
  for (const auto compression : {Compression::gzip, Compression::zstd})
    layers.push_back(layer(compressed(compression, text_), compression, text_));
  layers.push_back(layer(text_, std::nullopt, text_));
  layers.push_back(layers.front());  // of another image
  // Several streams in a row, as eStargz has them, and a skippable frame at the end, as zstd:chunked has one.
  layers.push_back(
      layer(compressed(Compression::gzip, text_) + compressed(Compression::gzip, "more"), Compression::gzip, text_ + "more"));
  layers.push_back(layer(compressed(Compression::zstd, text_) + std::string("\x50\x2a\x4d\x18\x04\x00\x00\x00"
                                                                            "skip",
                                                                            12),
                         Compression::zstd, text_));
  EXPECT_EQ(refusal(layers), "");
  EXPECT_EQ(refusal({}), "");
}

TEST_F(DiffIdCheck, WhatTheConfigurationSaysMustBeTrue) {
  const std::string words = "the image's configuration says " + std::string("sha256:") + sha256("other").hex() + " (diff_ids)";
  for (const auto& wrong :
       {layer(text_, std::nullopt, "other"), layer(compressed(Compression::gzip, text_), Compression::gzip, "other")}) {
    const std::string message = refusal({layer("x", std::nullopt, "x"), wrong});
    EXPECT_TRUE(message.contains("layer sha256:" + wrong.digest.hex())) << message;
    EXPECT_TRUE(message.contains("uncompressed it is sha256:" + sha256(text_).hex())) << message;
    EXPECT_TRUE(message.contains(words)) << message;
  }
}

TEST_F(DiffIdCheck, AnotherOrDamagedCompressionIsRefused) {
  const std::string gzip = compressed(Compression::gzip, text_);
  EXPECT_TRUE(refusal({layer(gzip, Compression::zstd, text_)}).contains("the zstd stream is damaged"));
  EXPECT_TRUE(refusal({layer(text_, Compression::gzip, text_)}).contains("the gzip stream is damaged"));
  EXPECT_TRUE(refusal({layer(gzip.substr(0, gzip.size() / 2), Compression::gzip, text_)}).contains("truncated"));
  EXPECT_NE(refusal({layer(gzip, std::nullopt, text_)}), "");
}

TEST_F(DiffIdCheck, BombsEnd) {
  const std::string zeros(1 << 20, '\0');
  const auto bomb = layer(compressed(Compression::gzip, zeros), Compression::gzip, zeros);
  EXPECT_EQ(refusal({bomb}, {.base_bytes = 1 << 20, .ratio = 0}), "");
  EXPECT_TRUE(
      refusal({bomb}, {.base_bytes = (1 << 20) - 1, .ratio = 0}).contains("more than 1048575 bytes when they are unpacked"));
  EXPECT_NE(
      refusal({bomb, layer(compressed(Compression::zstd, zeros), Compression::zstd, zeros)}, {.base_bytes = 3 << 19, .ratio = 0}),
      "");
  EXPECT_EQ(refusal({bomb}, {.base_bytes = 0, .ratio = 1100}), "");
}

TEST_F(DiffIdCheck, AFileThatIsGoneIsOurFailure) {
  auto gone = layer(compressed(Compression::gzip, text_), Compression::gzip, text_);
  std::filesystem::remove(gone.file);
  EXPECT_EQ(check_diff_ids({gone}).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace packyard
