#include "registry/published_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/durable_file.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

TEST(PublishedFile, ReadsARegularFileUpToTheLimit) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_new_file(folder / "file", "12345", FileMode::world_readable));
  EXPECT_EQ(read_published_file(folder / "file", 5).value(), "12345");
  EXPECT_EQ(read_published_file(folder / "file", 4).error().code, ErrorCode::corrupt);
  EXPECT_EQ(read_published_file(folder / "none", 4).error().code, ErrorCode::not_found);
}

TEST(PublishedFile, LinksFoldersAndPipesAreRefused) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("/etc/passwd", folder / "link");
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const char* name : {"link", "pipe", "."})
    EXPECT_EQ(read_published_file(folder / name, 1 << 20).error().code, ErrorCode::corrupt) << name;
}

}  // namespace
}  // namespace packyard
