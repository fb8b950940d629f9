#include "signer/gpg_signer.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "signer/openpgp_packets.h"
#include "tests/support/test_keys.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

class GpgSignerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::path("/dev/shm") / ("packyard-test." + std::string(6, 'X'))).string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    options_.folders = {folder_};
  }
  void TearDown() override { fs::remove_all(folder_); }

  bool gpgv_accepts(const std::string& signature, const std::string& text, const std::string& key) {
    const auto keyring = test::write_keyring(folder_, key);
    std::ofstream(folder_ / "text", std::ios::binary) << text;
    std::ofstream(folder_ / "signature", std::ios::binary) << signature;
    std::string command = "gpgv --homedir " + folder_.string() + " --keyring " + keyring.string() + " " +
        (folder_ / "signature").string();
    if (!text.empty()) command += " " + (folder_ / "text").string();
    return std::system((command + " >" + (folder_ / "gpgv.log").string() + " 2>&1").c_str()) == 0;
  }

  static std::vector<std::string> processes_mentioning(const std::string& text) {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      std::ifstream stream(entry.path() / "cmdline");
      const std::string line((std::istreambuf_iterator<char>(stream)), {});
      if (line.find(text) != std::string::npos) found.push_back(line);
    }
    return found;
  }

  fs::path folder_;
  GpgSignerOptions options_;
};

TEST_F(GpgSignerTest, SignsWithThePrimaryKeyAlthoughASubkeyCouldSign) {
  auto signer = test::open_test_signer("release", options_);
  const auto signature = signer->sign_detached("hello", SignatureForm::binary);
  ASSERT_TRUE(signature) << signature.error().message;
  const auto packets = read_openpgp_packets(*signature);
  ASSERT_TRUE(packets);
  const auto facts = read_openpgp_signature(packets->at(0).body);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->issuer_key_id, signer->fingerprint().substr(24));
  EXPECT_EQ(facts->hash_algorithm, 8);
  EXPECT_TRUE(gpgv_accepts(*signature, "hello", "release"));
  EXPECT_FALSE(gpgv_accepts(*signature, "hallo", "release"));
  EXPECT_FALSE(gpgv_accepts(*signature, "hello", "stranger"));
}

TEST_F(GpgSignerTest, SignsWithTheSubkeyWhenOneIsNamed) {
  const auto primary = test::open_test_signer("subkey", options_)->fingerprint();
  options_.subkey = "0000000000000000";
  EXPECT_EQ(GpgSigner::open(test::secrets_of("subkey"), options_).error().code, ErrorCode::invalid);
  const std::string subkey = test::subkey_fingerprint("subkey");
  options_.subkey = subkey;
  auto signer = test::open_test_signer("subkey", options_);
  EXPECT_EQ(signer->fingerprint(), subkey);
  EXPECT_NE(signer->fingerprint(), primary);
  EXPECT_TRUE(gpgv_accepts(signer->sign_detached("hello", SignatureForm::armored).value(), "hello", "subkey"));
}

TEST_F(GpgSignerTest, ClearSignsAndExportsItsPublicKey) {
  options_.digest = SignatureDigest::sha512;
  auto signer = test::open_test_signer("release", options_);
  const auto text = signer->sign_clear("Origin: acme\n- dash\n");
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_TRUE(text->starts_with("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n"));
  EXPECT_TRUE(gpgv_accepts(*text, "", "release"));
  const auto key = signer->public_key();
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----"));
}

TEST_F(GpgSignerTest, TwoThreadsSignAtOnceAndMoreWait) {
  auto signer = test::open_test_signer("stranger", options_);
  std::vector<std::jthread> threads;
  std::vector<std::string> signatures(6);
  for (std::size_t i = 0; i < signatures.size(); ++i)
    threads.emplace_back([&,
                          i] { signatures[i] = signer->sign_detached(std::to_string(i), SignatureForm::binary).value_or(""); });
  threads.clear();
  for (std::size_t i = 0; i < signatures.size(); ++i) EXPECT_TRUE(gpgv_accepts(signatures[i], std::to_string(i),
                                                                               "stranger")) << i;
}

TEST_F(GpgSignerTest, WrongSecretsAreClearErrors) {
  auto secrets = test::secrets_of("release");
  secrets.passphrase = Secret("not the passphrase");
  const auto wrong = GpgSigner::open(secrets, options_);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::invalid);
  EXPECT_NE(wrong.error().message.find("GPG_PASSPHRASE does not open"), std::string::npos) << wrong.error().message;
  EXPECT_EQ(wrong.error().message.find("not the passphrase"), std::string::npos);

  secrets.passphrase = Secret();
  const auto missing = GpgSigner::open(secrets, options_);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("has a passphrase and neither"), std::string::npos) << missing.error().message;

  secrets = test::secrets_of("release");
  secrets.key_id = "0123456789ABCDEF";
  const auto absent = GpgSigner::open(secrets, options_);
  ASSERT_FALSE(absent);
  EXPECT_NE(absent.error().message.find("does not hold the key GPG_KEY_ID 0123456789ABCDEF"), std::string::npos);
  secrets.key_id = "release@example.org";
  EXPECT_NE(GpgSigner::open(secrets, options_).error().message.find("is not a fingerprint"), std::string::npos);

  secrets.private_key = Secret(test::read_whole(test::public_key_file("release")));
  EXPECT_NE(GpgSigner::open(secrets, options_).error().message.find("holds no OpenPGP private key"), std::string::npos);
  secrets.private_key = Secret("rubbish");
  EXPECT_EQ(GpgSigner::open(secrets, options_).error().code, ErrorCode::invalid);

  const auto expired = GpgSigner::open(test::secrets_of("expired"), options_);
  ASSERT_FALSE(expired);
  EXPECT_NE(expired.error().message.find("is expired"), std::string::npos) << expired.error().message;
}

TEST_F(GpgSignerTest, AKeyIdMayBeShortLongOrPrefixed) {
  auto secrets = test::secrets_of("stranger");
  const auto fingerprint = test::open_test_signer("stranger", options_)->fingerprint();
  options_.parallel_homes = 1;
  for (const std::string& id : {fingerprint, fingerprint.substr(24), "0x" + fingerprint.substr(24)}) {
    secrets.key_id = id;
    const auto signer = GpgSigner::open(secrets, options_);
    ASSERT_TRUE(signer) << id << ": " << signer.error().message;
    EXPECT_EQ((*signer)->fingerprint(), fingerprint);
  }
}

TEST_F(GpgSignerTest, LeavesNoAgentAndNoFileBehind) {
  {
    auto signer = test::open_test_signer("stranger", options_);
    EXPECT_FALSE(fs::is_empty(folder_));
    EXPECT_FALSE(processes_mentioning(folder_.string()).empty());
    for (const auto& entry : fs::directory_iterator(folder_)) EXPECT_EQ(entry.status().permissions(),
                                                                        fs::perms::owner_all) << entry.path();
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(GpgSignerTest, SweepsWhatAKilledProcessLeft) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto signer = test::open_test_signer("stranger", options_);
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
  const auto stale = fs::directory_iterator(folder_)->path();
  {
    auto signer = test::open_test_signer("stranger", options_);
    EXPECT_FALSE(fs::exists(stale));
    auto second = test::open_test_signer("stranger", options_);  // a live home is left alone
    EXPECT_TRUE(signer->sign_detached("x", SignatureForm::binary));
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(GpgSignerTest, RefusesStorageThatIsADisk) {
  options_.folders = {"/proc"};
  const auto refused = GpgSigner::open(test::secrets_of("stranger"), options_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_NE(refused.error().message.find("/proc (not memory-backed)"), std::string::npos);
}

TEST_F(GpgSignerTest, MissesItsDeadlineInsteadOfHanging) {
  options_.deadline = std::chrono::milliseconds(0);
  const auto late = GpgSigner::open(test::secrets_of("stranger"), options_);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::unavailable);
  EXPECT_NE(late.error().message.find("did not answer in time"), std::string::npos) << late.error().message;
  EXPECT_TRUE(fs::is_empty(folder_));
}

}  // namespace
}  // namespace packyard
