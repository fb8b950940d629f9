#include "promote/background_sink.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(BackgroundSink, GivesEverythingInOrder) {
  std::string got, sent;
  BackgroundSink sink([&](std::string_view bytes) -> Result<void> {
    got += bytes;
    return {};
  });
  for (int i = 0; i < 200'000; ++i) {
    const std::string piece = std::to_string(i) + ",";
    sent += piece;
    ASSERT_TRUE(sink.write(piece).has_value());
  }
  ASSERT_TRUE(sink.finish().has_value());
  EXPECT_TRUE(got == sent);
}

TEST(BackgroundSink, TheSinksErrorComesBackAndNothingBlocks) {
  BackgroundSink sink([](std::string_view) -> Result<void> { return fail(ErrorCode::unavailable, "disk full"); });
  const std::string piece(100'000, 'x');
  for (int i = 0; i < 100; ++i)
    if (!sink.write(piece)) break;
  EXPECT_EQ(sink.finish().error().message, "disk full");
}

TEST(BackgroundSink, MayBeLeftUnfinished) {
  std::string got;
  BackgroundSink sink([&](std::string_view bytes) -> Result<void> {
    got += bytes;
    return {};
  });
  EXPECT_TRUE(sink.write(std::string(600'000, 'x')).has_value());
}

}  // namespace
}  // namespace packyard
