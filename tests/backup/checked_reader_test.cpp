#include "backup/checked_reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/durable_file.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

class CheckedReaderTest : public testing::Test {
 protected:
  // What comes of copying a file with `bytes` that should hold `expected`.
  Result<void> copy(const std::string& bytes, const std::string& expected) {
    std::filesystem::remove(folder_ / "from");
    EXPECT_TRUE(write_new_file(folder_ / "from", bytes, FileMode::owner_only));
    const auto opened = open_file(folder_ / "from").value();
    CheckedReader checked(*opened, "the file", {sha256(expected), expected.size()});
    return write_file(folder_ / "to", checked);
  }
  TemporaryFolder folder_;
};

TEST_F(CheckedReaderTest, PassesOnWhatIsRight) {
  for (const std::string& bytes : {std::string(), std::string("abc"), std::string(700'000, 'x')}) {
    ASSERT_TRUE(copy(bytes, bytes));
    EXPECT_EQ(read_small_file(folder_ / "to", 1 << 20).value(), bytes);
  }
}

TEST_F(CheckedReaderTest, LeavesNothingOfWhatIsNot) {
  for (const auto& [bytes, words] :
       {std::pair("abd", "holds other bytes"), {"ab", "ends after 2 bytes instead of 3"}, {"abcd", "more than 3 bytes"}}) {
    const auto copied = copy(bytes, "abc");
    ASSERT_FALSE(copied) << bytes;
    EXPECT_EQ(copied.error().code, ErrorCode::corrupt);
    EXPECT_NE(copied.error().message.find(words), std::string::npos) << copied.error().message;
    EXPECT_NE(copied.error().message.find("the file"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "to"));
  }
}

TEST_F(CheckedReaderTest, OpensPlainFilesOnly) {
  EXPECT_EQ(open_file(folder_ / "absent").error().code, ErrorCode::not_found);
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(open_file(folder_ / "pipe").error().code, ErrorCode::invalid);
  std::filesystem::create_symlink("pipe", folder_ / "link");
  EXPECT_FALSE(open_file(folder_ / "link"));
}

}  // namespace
}  // namespace packyard
