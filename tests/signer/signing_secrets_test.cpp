#include "signer/signing_secrets.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace packyard {
namespace {

class SigningSecretsTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"GPG_PRIVATE_KEY", "GPG_PRIVATE_KEY_FILE", "GPG_PASSPHRASE", "GPG_PASSPHRASE_FILE", "GPG_KEY_ID",
                             "GPG_KEY_ID_FILE"})
      unsetenv(name);
  }
  std::string write_file(const std::string& name, const std::string& text, mode_t mode) {
    const auto file = (std::filesystem::path(testing::TempDir()) / ("signing_secrets_test." + name)).string();
    std::filesystem::remove(file);
    std::ofstream(file) << text;
    chmod(file.c_str(), mode);
    return file;
  }
  std::string refusal() {
    const auto secrets = take_signing_secrets("");
    return secrets ? "" : secrets.error().message;
  }
};

TEST_F(SigningSecretsTest, TakesVariablesAndRemovesThem) {
  setenv("GPG_PRIVATE_KEY", "the key", 1);
  setenv("GPG_PASSPHRASE", "the passphrase", 1);
  setenv("GPG_KEY_ID", "ABCD", 1);
  const auto secrets = take_signing_secrets("FROM SETTINGS");
  ASSERT_TRUE(secrets);
  EXPECT_EQ(secrets->private_key.reveal(), "the key");
  EXPECT_EQ(secrets->passphrase.reveal(), "the passphrase");
  EXPECT_EQ(secrets->key_id, "ABCD");
  EXPECT_EQ(std::getenv("GPG_PRIVATE_KEY"), nullptr);
  EXPECT_EQ(std::getenv("GPG_PASSPHRASE"), nullptr);
}

TEST_F(SigningSecretsTest, TakesFilesAndTheSettingsKeyId) {
  setenv("GPG_PRIVATE_KEY_FILE", write_file("key", "the key\n", 0600).c_str(), 1);
  setenv("GPG_PASSPHRASE_FILE", write_file("passphrase", "the passphrase\r\n", 0400).c_str(), 1);
  const auto secrets = take_signing_secrets("FROM SETTINGS");
  ASSERT_TRUE(secrets) << secrets.error().message;
  EXPECT_EQ(secrets->private_key.reveal(), "the key\n");
  EXPECT_EQ(secrets->passphrase.reveal(), "the passphrase");
  EXPECT_EQ(secrets->key_id, "FROM SETTINGS");
}

TEST_F(SigningSecretsTest, RefusesWhatIsUnclearOrExposed) {
  EXPECT_NE(refusal().find("neither GPG_PRIVATE_KEY nor GPG_PRIVATE_KEY_FILE is set"), std::string::npos);
  setenv("GPG_PRIVATE_KEY", "the key", 1);
  setenv("GPG_PRIVATE_KEY_FILE", write_file("both", "x", 0600).c_str(), 1);
  EXPECT_NE(refusal().find("are both set"), std::string::npos);
  setenv("GPG_PRIVATE_KEY_FILE", write_file("open", "x", 0644).c_str(), 1);
  EXPECT_NE(refusal().find("other users may read"), std::string::npos);
  setenv("GPG_PRIVATE_KEY_FILE", write_file("empty", "", 0600).c_str(), 1);
  EXPECT_NE(refusal().find("it is empty"), std::string::npos);
  setenv("GPG_PRIVATE_KEY_FILE", "/does/not/exist", 1);
  EXPECT_NE(refusal().find("GPG_PRIVATE_KEY_FILE names, /does/not/exist: No such file"), std::string::npos);
  setenv("GPG_PRIVATE_KEY_FILE", write_file("large", std::string(1024 * 1024 + 1, 'x'), 0600).c_str(), 1);
  EXPECT_NE(refusal().find("larger than 1 MiB"), std::string::npos);
  setenv("GPG_PRIVATE_KEY_FILE", "/dev/null", 1);
  EXPECT_NE(refusal().find("neither a file nor a pipe"), std::string::npos);
}

TEST_F(SigningSecretsTest, RefusesAPassphraseOfSeveralLines) {
  setenv("GPG_PRIVATE_KEY", "the key", 1);
  setenv("GPG_PASSPHRASE", "one\ntwo", 1);
  EXPECT_NE(refusal().find("a passphrase is one line"), std::string::npos);
  EXPECT_EQ(refusal().find("two"), std::string::npos);
}

}  // namespace
}  // namespace packyard
