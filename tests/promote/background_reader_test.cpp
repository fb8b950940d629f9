#include "promote/background_reader.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(BackgroundReader, GivesTheBytesInOrder) {
  std::string got, given;
  BackgroundReader reader([&](const ByteSource& source) -> Result<void> {
    while (true) {
      TRY_ASSIGN(const std::string_view piece, source());
      if (piece.empty()) return {};
      got += piece;
    }
  });
  for (int i = 0; i < 40'000; ++i) {
    const std::string line = std::to_string(i) + std::string(i % 97, 'x');
    given += line;
    ASSERT_TRUE(reader.write(line).has_value());
  }
  ASSERT_TRUE(reader.finish().has_value());
  EXPECT_EQ(got, given);
  EXPECT_GT(given.size(), 1U << 20);
}

TEST(BackgroundReader, AnEmptyInputEndsAtOnce) {
  bool was_empty = false;
  BackgroundReader reader([&](const ByteSource& source) -> Result<void> {
    TRY_ASSIGN(const std::string_view piece, source());
    was_empty = piece.empty();
    return {};
  });
  EXPECT_TRUE(reader.finish().has_value());
  EXPECT_TRUE(was_empty);
}

TEST(BackgroundReader, AFailureReachesTheWriterWhoNeverBlocks) {
  BackgroundReader reader([](const ByteSource&) -> Result<void> { return fail(ErrorCode::unavailable, "no room"); });
  const std::string piece(256 * 1024, 'x');
  Result<void> written;
  while (written) written = reader.write(piece);  // ends: a reader that is gone takes nothing
  EXPECT_EQ(written.error().message, "no room");
  EXPECT_EQ(reader.write(piece).error().message, "no room");
  EXPECT_EQ(reader.finish().error().message, "no room");
}

TEST(BackgroundReader, AReaderThatEndsEarlyDropsTheRest) {
  BackgroundReader reader([](const ByteSource&) -> Result<void> { return {}; });
  const std::string piece(256 * 1024, 'x');
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(reader.write(piece).has_value());
  EXPECT_TRUE(reader.finish().has_value());
}

TEST(BackgroundReader, AbandonedItEndsTheReader) {
  std::string told;
  {
    BackgroundReader reader([&](const ByteSource& source) -> Result<void> {
      auto piece = source();
      while (piece && !piece->empty()) piece = source();
      told = piece ? "the end" : piece.error().message;
      return {};
    });
    ASSERT_TRUE(reader.write(std::string(300 * 1024, 'x')).has_value());
  }
  EXPECT_EQ(told, "the bytes were given up before their end");
}

}  // namespace
}  // namespace packyard
