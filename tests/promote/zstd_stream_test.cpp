#include "promote/zstd_stream.h"

#include <gtest/gtest.h>

#include "tests/promote/stream_samples.h"

namespace packyard {
namespace {

TEST(ZstdStream, OurFramesCarryAChecksum) {
  const std::string packed = compressed(Compression::zstd, "text");
  EXPECT_EQ(packed.substr(0, 4), "\x28\xb5\x2f\xfd");
  EXPECT_NE(packed[4] & 4, 0);  // frame header descriptor, Content_Checksum_flag
}

TEST(ZstdStream, AWindowThatWouldExhaustMemoryIsRefused) {
  // A frame header that asks for a window of 2^(10+21) bytes, then one raw block.
  const std::string frame("\x28\xb5\x2f\xfd\x00\xa8\x21\x00\x00text", 13);
  const auto read = decompressed(Compression::zstd, frame);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace packyard
