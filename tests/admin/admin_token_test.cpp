#include "admin/admin_token.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

class AdminToken : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& text, std::filesystem::perms mode = std::filesystem::perms::owner_read) {
    const std::filesystem::path file = folder_ / "token";
    std::filesystem::remove(file);
    std::ofstream(file) << text;
    std::filesystem::permissions(file, mode);
    return file;
  }
  TemporaryFolder folder_;
};

TEST_F(AdminToken, IsOneLineOfAPrivateFile) {
  for (const char* text : {"0123456789abcdefghijABCDEFGHIJ-._~+/=", "0123456789abcdefghijABCDEFGHIJ-._~+/=\n"}) {
    const auto token = read_admin_token(write(text));
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_EQ(token->reveal(), "0123456789abcdefghijABCDEFGHIJ-._~+/=");
  }
}

TEST_F(AdminToken, RefusesWhatCouldBeGuessedOrWasNotMeant) {
  const std::string good(40, 'a');
  for (const std::string& text : {std::string(), std::string("\n"), std::string(31, 'a'), good + "\n" + good, good + " ",
                                  good + "\n\n", std::string(2000, 'a'), "ä" + good}) {
    const auto token = read_admin_token(write(text));
    ASSERT_FALSE(token) << text;
    EXPECT_EQ(token.error().code, ErrorCode::invalid);
    EXPECT_EQ(token.error().message.find("aaaa"), std::string::npos) << token.error().message;
  }
}

TEST_F(AdminToken, RefusesAFileThatOthersMayReadOrChange) {
  using std::filesystem::perms;
  for (const perms mode : {perms::owner_read | perms::others_read, perms::owner_read | perms::others_write}) {
    const auto token = read_admin_token(write(std::string(40, 'a'), mode));
    ASSERT_FALSE(token);
    EXPECT_NE(token.error().message.find("chmod 600"), std::string::npos);
  }
  EXPECT_FALSE(read_admin_token(folder_ / "absent"));
  EXPECT_FALSE(read_admin_token(folder_.path()));
}

}  // namespace
}  // namespace packyard
