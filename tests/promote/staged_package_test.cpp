#include "promote/staged_package.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

TEST(CopyingSink, CopiesPieceByPiece) {
  const TemporaryFolder folder;
  const auto file = folder / "copy";
  const auto sink = make_copying_sink(file);
  for (const char* piece : {"ab", "", "c"}) EXPECT_TRUE(sink->write(piece));
  EXPECT_TRUE(sink->finish());
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_EQ(text.str(), "abc");
}

TEST(CopyingSink, AnEmptyFileIsACopyToo) {
  const TemporaryFolder folder;
  EXPECT_TRUE(make_copying_sink(folder / "copy")->finish());
  EXPECT_TRUE(std::filesystem::is_empty(folder / "copy"));
}

TEST(CopyingSink, NeverWritesIntoWhatIsThere) {
  const TemporaryFolder folder;
  std::ofstream(folder / "copy") << "mine";
  const auto sink = make_copying_sink(folder / "copy");
  EXPECT_FALSE(sink->write("abc"));
  EXPECT_FALSE(sink->finish());
  EXPECT_EQ(std::filesystem::file_size(folder / "copy"), 4u);
}

}  // namespace
}  // namespace packyard
