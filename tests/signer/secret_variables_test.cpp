#include "signer/secret_variables.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

class SecretVariablesTest : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("A_SECRET");
    unsetenv("A_SECRET_FILE");
  }
  void name_file(const std::string& text, mode_t mode) {
    const std::string file = (folder_.path() / "secret").string();
    std::ofstream(file) << text;
    chmod(file.c_str(), mode);
    setenv("A_SECRET_FILE", file.c_str(), 1);
  }
  TemporaryFolder folder_;
};

TEST_F(SecretVariablesTest, NothingSetIsNothing) {
  EXPECT_FALSE(*take_secret("A_SECRET", SecretPrivacy::secret, EmptyFile::refused));
  setenv("A_SECRET", "", 1);
  setenv("A_SECRET_FILE", "", 1);
  EXPECT_FALSE(*take_secret("A_SECRET", SecretPrivacy::secret, EmptyFile::refused));
}

TEST_F(SecretVariablesTest, AVariableIsOverwrittenAndGone) {
  setenv("A_SECRET", "the value\n", 1);
  const char* const place = std::getenv("A_SECRET");
  const auto taken = take_secret("A_SECRET", SecretPrivacy::secret, EmptyFile::refused);
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ((*taken)->secret.reveal(), "the value\n");
  EXPECT_EQ((*taken)->origin, SecretOrigin::variable);
  EXPECT_EQ(std::getenv("A_SECRET"), nullptr);
  EXPECT_EQ(std::string_view(place, 10), std::string_view("\0\0\0\0\0\0\0\0\0\0", 10));
}

TEST_F(SecretVariablesTest, AFileIsReadAsItIs) {
  name_file("the value\n", 0600);
  const auto taken = take_secret("A_SECRET", SecretPrivacy::secret, EmptyFile::refused);
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ((*taken)->secret.reveal(), "the value\n");
  EXPECT_EQ((*taken)->origin, SecretOrigin::file);
}

TEST_F(SecretVariablesTest, OpenOrEmptyFilesOnlyWhereAllowed) {
  name_file("public", 0644);
  EXPECT_FALSE(take_secret("A_SECRET", SecretPrivacy::secret, EmptyFile::refused));
  EXPECT_TRUE(take_secret("A_SECRET", SecretPrivacy::open, EmptyFile::refused));
  name_file("", 0600);
  EXPECT_FALSE(take_secret("A_SECRET", SecretPrivacy::secret, EmptyFile::refused));
  const auto empty = take_secret("A_SECRET", SecretPrivacy::secret, EmptyFile::is_empty_secret);
  ASSERT_TRUE(empty && *empty);
  EXPECT_TRUE((*empty)->secret.empty());
}

TEST_F(SecretVariablesTest, OneLineEndIsCut) {
  EXPECT_EQ(without_line_end("x"), "x");
  EXPECT_EQ(without_line_end("x\n"), "x");
  EXPECT_EQ(without_line_end("x\r\n"), "x");
  EXPECT_EQ(without_line_end("x\n\n"), "x\n");
  EXPECT_EQ(without_line_end(""), "");
}

}  // namespace
}  // namespace packyard
