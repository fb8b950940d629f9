#include "storage/promotion_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

class PromotionFolderTest : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) { std::ofstream(temporary_ / name) << text; }
  TemporaryFolder temporary_;
  PromotionFolder folder_{temporary_.path() / "queue", 100};
  PromotionFolder here_{temporary_.path(), 100};
};

TEST_F(PromotionFolderTest, KeepsAFileForEach) {
  EXPECT_TRUE(folder_.ids()->empty());
  EXPECT_EQ(folder_.read(PromotionId{1}).error().code, ErrorCode::not_found);
  ASSERT_TRUE(folder_.write(PromotionId{10}, "ten"));
  ASSERT_TRUE(folder_.write(PromotionId{9}, "nine"));
  ASSERT_TRUE(folder_.write(PromotionId{9}, "nine again"));
  EXPECT_EQ(folder_.ids().value(), (std::vector<PromotionId>{PromotionId{9}, PromotionId{10}}));
  EXPECT_EQ(folder_.read(PromotionId{9}).value(), "nine again");
  struct stat status {};
  ASSERT_EQ(stat((folder_.path() / "prm_9.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  ASSERT_TRUE(folder_.remove(PromotionId{9}));
  ASSERT_TRUE(folder_.remove(PromotionId{9}));
  EXPECT_EQ(folder_.ids()->size(), 1u);
}

TEST_F(PromotionFolderTest, PassesOverWhatIsNotItsOwn) {
  for (const char* name : {"prm_01.json", "prm_1.json.new.7", "prm_1", "worker.lock", ".json", "prm_.json", "x"}) put(name, "x");
  EXPECT_TRUE(here_.ids()->empty());
  here_.sweep();
  EXPECT_FALSE(std::filesystem::exists(temporary_ / "prm_1.json.new.7"));
  EXPECT_TRUE(std::filesystem::exists(temporary_ / "worker.lock"));
}

TEST_F(PromotionFolderTest, ReadsOnlyPlainFilesUpToASize) {
  put("secret", "secret");
  std::filesystem::create_symlink(temporary_ / "secret", temporary_ / "prm_1.json");
  ASSERT_EQ(mkfifo((temporary_ / "prm_2.json").c_str(), 0600), 0);
  std::filesystem::create_directory(temporary_ / "prm_3.json");
  put("prm_4.json", std::string(101, 'x'));
  put("prm_5.json", std::string(100, 'x'));
  for (const std::uint64_t wrong : {1, 2, 3, 4}) {
    const auto text = here_.read(PromotionId{wrong});
    ASSERT_FALSE(text) << wrong;
    EXPECT_EQ(text.error().code, ErrorCode::corrupt) << text.error().message;
  }
  EXPECT_EQ(here_.read(PromotionId{5})->size(), 100u);
  EXPECT_FALSE(here_.write(PromotionId{6}, std::string(101, 'x')));
}

TEST_F(PromotionFolderTest, ReadsNoMoreNamesThanItMust) {
  put("one", "");
  for (int i = 0; i <= 20'000; ++i) ASSERT_EQ(link((temporary_ / "one").c_str(), (temporary_ / std::to_string(i)).c_str()), 0);
  EXPECT_EQ(here_.ids().error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace packyard
