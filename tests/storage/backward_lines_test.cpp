#include "storage/backward_lines.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "core/descriptor.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

class BackwardLinesTest : public testing::Test {
 protected:
  using Seen = std::vector<std::pair<std::string, bool>>;
  Seen read(const std::string& text, std::size_t line_bytes_max = 1'000'000) {
    std::ofstream(folder_ / "file") << text;
    const Descriptor descriptor(open((folder_ / "file").c_str(), O_RDONLY));
    BackwardLines lines(descriptor.number(), text.size(), line_bytes_max);
    Seen seen;
    while (true) {
      auto line = lines.next();
      if (!line) seen.emplace_back(to_string(line.error().code), false);
      if (!line || !*line) return seen;
      seen.emplace_back((*line)->text, (*line)->is_whole);
    }
  }
  TemporaryFolder folder_;
};

TEST_F(BackwardLinesTest, GivesTheLastFirst) {
  EXPECT_EQ(read(""), Seen{});
  EXPECT_EQ(read("\n"), (Seen{{"", true}}));
  EXPECT_EQ(read("a"), (Seen{{"a", false}}));
  EXPECT_EQ(read("a\n\nb\n"), (Seen{{"b", true}, {"", true}, {"a", true}}));
  EXPECT_EQ(read("a\nb"), (Seen{{"b", false}, {"a", true}}));
}

TEST_F(BackwardLinesTest, LinesMayBeLongerThanABlock) {
  const std::string longer(200'000, 'l'), block(64 * 1024 - 1, 'b');
  EXPECT_EQ(read(longer + "\n" + block + "\n" + longer + "\n"), (Seen{{longer, true}, {block, true}, {longer, true}}));
  EXPECT_EQ(read(block + "\n" + block + "\n"), (Seen{{block, true}, {block, true}}));
}

TEST_F(BackwardLinesTest, ALineBeyondTheLimitIsCorrupt) {
  EXPECT_EQ(read("a\n" + std::string(300'000, 'l') + "\nb\n", 100'000), (Seen{{"b", true}, {"corrupt", false}}));
}

TEST_F(BackwardLinesTest, AFileThatShrinksMeanwhileIsAnError) {
  std::ofstream(folder_ / "file") << "a\n";
  const Descriptor descriptor(open((folder_ / "file").c_str(), O_RDONLY));
  EXPECT_EQ(BackwardLines(descriptor.number(), 100, 1000).next().error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace packyard
