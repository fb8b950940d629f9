#include "signer/cosign_signer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "signer/cosign_key.h"
#include "tests/support/p256_verification.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"

namespace packyard {
namespace {

class CosignSignerTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"COSIGN_PRIVATE_KEY", "COSIGN_PRIVATE_KEY_FILE", "COSIGN_PASSWORD", "COSIGN_PASSWORD_FILE"})
      unsetenv(name);
  }
  static std::string data_file(const std::string& name) {
    return test::read_whole(test::source_folder() / "tests/data/cosign" / name);
  }
  std::string write_file(const std::string& name, const std::string& text, mode_t mode) {
    const std::string file = (folder_.path() / name).string();
    std::ofstream(file) << text;
    chmod(file.c_str(), mode);
    return file;
  }
  static std::string refusal() {
    const auto signer = open_image_signer();
    if (signer) return "accepted";
    EXPECT_EQ(signer.error().message.find("throw-away"), std::string::npos);
    return signer.error().message;
  }
  TemporaryFolder folder_;
};

TEST_F(CosignSignerTest, NoKeyIsNoSignerAndNoError) {
  const auto signer = open_image_signer();
  ASSERT_TRUE(signer);
  EXPECT_EQ(*signer, nullptr);
  setenv("COSIGN_PRIVATE_KEY", "", 1);
  setenv("COSIGN_PASSWORD", "throw-away", 1);
  const auto still = open_image_signer();
  ASSERT_TRUE(still);
  EXPECT_EQ(*still, nullptr);
  EXPECT_EQ(std::getenv("COSIGN_PASSWORD"), nullptr);
}

TEST_F(CosignSignerTest, SignsWithTheKeyOfTheVariablesAndRemovesThem) {
  setenv("COSIGN_PRIVATE_KEY", data_file("cosign2.key").c_str(), 1);
  setenv("COSIGN_PASSWORD", "throw-away", 1);
  const auto signer = open_image_signer();
  ASSERT_TRUE(signer) << signer.error().message;
  ASSERT_NE(*signer, nullptr);
  EXPECT_EQ((*signer)->public_key(), data_file("cosign2.pub"));
  EXPECT_TRUE(test::verifies(data_file("cosign2.pub"), "blob", *(*signer)->sign("blob")));
  EXPECT_EQ(std::getenv("COSIGN_PRIVATE_KEY"), nullptr);
  EXPECT_EQ(std::getenv("COSIGN_PASSWORD"), nullptr);
}

TEST_F(CosignSignerTest, SignsWithTheKeyOfFiles) {
  setenv("COSIGN_PRIVATE_KEY_FILE", write_file("key", data_file("cosign3.key"), 0600).c_str(), 1);
  for (const char* text : {"throw-away", "throw-away\n", "throw-away\r\n"}) {
    setenv("COSIGN_PASSWORD_FILE", write_file("password", text, 0600).c_str(), 1);
    const auto signer = open_image_signer();
    ASSERT_TRUE(signer) << signer.error().message;
    EXPECT_EQ((*signer)->public_key(), data_file("cosign3.pub"));
  }
  setenv("COSIGN_PASSWORD_FILE", write_file("password", "throw-away\n\n", 0600).c_str(), 1);
  EXPECT_NE(refusal().find("COSIGN_PRIVATE_KEY_FILE (with COSIGN_PASSWORD): opening the cosign private key: the password"),
            std::string::npos);
}

TEST_F(CosignSignerTest, AnAbsentOrEmptyPasswordIsTheEmptyOne) {
  const std::string key = write_file("key", data_file("empty_password.key"), 0600);
  setenv("COSIGN_PRIVATE_KEY_FILE", key.c_str(), 1);
  EXPECT_TRUE(open_image_signer());
  setenv("COSIGN_PASSWORD", "", 1);
  EXPECT_TRUE(open_image_signer());
  for (const char* text : {"", "\n"}) {
    setenv("COSIGN_PASSWORD_FILE", write_file("password", text, 0600).c_str(), 1);
    EXPECT_TRUE(open_image_signer());
  }
}

TEST_F(CosignSignerTest, APasswordVariableIsTakenToTheLetter) {
  SystemRandomSource random;
  const auto text = write_cosign_key(*P256Key::make(), Secret("of two\nlines\n"), random);
  setenv("COSIGN_PRIVATE_KEY", std::string(text->reveal()).c_str(), 1);
  setenv("COSIGN_PASSWORD", "of two\nlines\n", 1);
  EXPECT_TRUE(open_image_signer());
}

TEST_F(CosignSignerTest, RefusesWhatIsUnclearOrExposed) {
  setenv("COSIGN_PRIVATE_KEY", data_file("cosign2.key").c_str(), 1);
  setenv("COSIGN_PRIVATE_KEY_FILE", write_file("key", data_file("cosign2.key"), 0600).c_str(), 1);
  setenv("COSIGN_PASSWORD", "throw-away", 1);
  EXPECT_NE(refusal().find("COSIGN_PRIVATE_KEY and COSIGN_PRIVATE_KEY_FILE are both set"), std::string::npos);
  EXPECT_EQ(std::getenv("COSIGN_PRIVATE_KEY"), nullptr);  // taken although refused
  EXPECT_EQ(std::getenv("COSIGN_PASSWORD"), nullptr);
  setenv("COSIGN_PASSWORD", "throw-away", 1);
  setenv("COSIGN_PASSWORD_FILE", write_file("password", "throw-away", 0600).c_str(), 1);
  EXPECT_NE(refusal().find("COSIGN_PASSWORD and COSIGN_PASSWORD_FILE are both set"), std::string::npos);
  setenv("COSIGN_PASSWORD_FILE", write_file("password", "throw-away", 0644).c_str(), 1);
  EXPECT_NE(refusal().find("other users may read"), std::string::npos);
  unsetenv("COSIGN_PASSWORD_FILE");
  setenv("COSIGN_PRIVATE_KEY_FILE", write_file("key", data_file("cosign2.key"), 0644).c_str(), 1);
  EXPECT_NE(refusal().find("other users may read"), std::string::npos);
  setenv("COSIGN_PRIVATE_KEY_FILE", write_file("empty", "", 0600).c_str(), 1);
  EXPECT_NE(refusal().find("it is empty"), std::string::npos);
  setenv("COSIGN_PRIVATE_KEY_FILE", write_file("rsa", data_file("rsa.key"), 0600).c_str(), 1);
  setenv("COSIGN_PASSWORD", "throw-away", 1);
  EXPECT_NE(refusal().find("its algorithm is RSA"), std::string::npos);
}

}  // namespace
}  // namespace packyard
