#include "promote/deb_contents.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

std::string written(DebContents& contents) {
  std::string text;
  EXPECT_TRUE(contents
                  .write([&](std::string_view line) -> Result<void> {
                    text += line;
                    return {};
                  })
                  .has_value());
  return text;
}

TEST(DebContents, OneLineForEachPathWithAllItsPackages) {
  TemporaryFolder folder;
  DebContents contents(folder.path());
  for (const auto& [path, location] :
       {std::pair{"usr/bin/b", "misc/b"}, {"usr/bin/a", "misc/a"}, {"usr/bin/b", "misc/a"}, {"usr/bin/b", "misc/b"}})
    ASSERT_TRUE(contents.add(path, location).has_value());
  EXPECT_EQ(written(contents),
            "usr/bin/a" + std::string(51, ' ') + "misc/a\nusr/bin/b" + std::string(51, ' ') + "misc/a,misc/b\n");
}

TEST(DebContents, ManySortedRunsGiveTheSameAsOne) {
  TemporaryFolder folder;
  DebContents one(folder.path()), many(folder.path(), 500);
  for (int i = 0; i < 2000; ++i) {
    const std::string path = "usr/share/" + std::to_string(i * 7919 % 1009);
    ASSERT_TRUE(one.add(path, "misc/p" + std::to_string(i % 3)).has_value());
    ASSERT_TRUE(many.add(path, "misc/p" + std::to_string(i % 3)).has_value());
  }
  EXPECT_EQ(written(one), written(many));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(DebContents, NothingGivesNothing) {
  TemporaryFolder folder;
  DebContents contents(folder.path());
  EXPECT_EQ(written(contents), "");
}

}  // namespace
}  // namespace packyard
