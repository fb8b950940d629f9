#include "promote/xz_stream.h"

#include <gtest/gtest.h>

#include "core/command_runner.h"
#include "tests/promote/stream_samples.h"

namespace packyard {
namespace {

std::string packed_with(const std::string& option) {
  SystemCommandRunner runner;
  return runner.run({.arguments = {"xz", "-c", option}, .environment = {}, .input = "text"})->output;
}

TEST(XzStream, ReadsWhatDpkgDebWrites) {
  for (const char* option : {"-0", "-6", "-9e", "--check=crc32", "--check=sha256"})
    EXPECT_EQ(decompressed(Compression::xz, packed_with(option)).value(), "text") << option;
}

TEST(XzStream, ADictionaryThatWouldExhaustMemoryIsRefused) {
  const auto read = decompressed(Compression::xz, packed_with("--lzma2=dict=512MiB,mode=fast,mf=hc3,nice=8"));
  ASSERT_FALSE(read.has_value());
  EXPECT_NE(read.error().message.find("160 MiB"), std::string::npos) << read.error().message;
}

}  // namespace
}  // namespace packyard
