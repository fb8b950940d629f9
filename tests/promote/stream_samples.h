// Runs bytes through a Compressor or Decompressor in pieces, for the tests of the streams.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "promote/compressor.h"
#include "promote/decompressor.h"

namespace packyard {

inline std::string sample_text() {
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += "line " + std::to_string(i * 7919 % 10007) + "\n";
  return text;
}

inline std::string compressed(Compression compression, std::string_view bytes, std::size_t piece_bytes = 4096) {
  std::string result;
  const auto compressor = make_compressor(compression, [&](std::string_view piece) -> Result<void> {
    result += piece;
    return {};
  });
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
    EXPECT_TRUE(compressor->write(bytes.substr(at, piece_bytes)).has_value());
  }
  EXPECT_TRUE(compressor->finish().has_value());
  return result;
}

inline Result<std::string> decompressed(Compression compression, std::string_view bytes, std::size_t piece_bytes = 4096) {
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

}  // namespace packyard
