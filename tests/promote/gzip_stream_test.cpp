#include "promote/gzip_stream.h"

#include <gtest/gtest.h>

#include "tests/promote/stream_samples.h"

namespace packyard {
namespace {

TEST(GzipStream, HeaderCarriesNoTimeAndNoName) {
  const std::string packed = compressed(Compression::gzip, sample_text());
  EXPECT_EQ(packed.substr(0, 4), std::string("\x1f\x8b\x08\x00", 4));  // magic, deflate, no flags
  EXPECT_EQ(packed.substr(4, 4), std::string(4, '\0'));                // time
}

TEST(GzipStream, ChecksumAndLengthAreChecked) {
  const std::string packed = compressed(Compression::gzip, "text");
  for (std::size_t back = 1; back <= 8; ++back) {
    std::string damaged = packed;
    damaged[packed.size() - back] = static_cast<char>(damaged[packed.size() - back] ^ 1);
    EXPECT_FALSE(decompressed(Compression::gzip, damaged).has_value()) << back;
  }
}

}  // namespace
}  // namespace packyard
