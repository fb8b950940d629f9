#include "backup/age_box.h"

#include <gtest/gtest.h>

#include "tests/support/backup_site.h"

namespace packyard {
namespace {

class NoProgram final : public CommandRunner {
 public:
  Result<CommandOutcome> run(const Command& command) override {
    return fail(ErrorCode::not_found, "starting " + command.arguments.front() + ": No such file or directory");
  }
};

class AgeBoxTest : public testing::Test {
 protected:
  BackupSite site_;
  const std::filesystem::path identity_ = site_.make_identity();
  const std::filesystem::path plain_ = site_.folder_ / "plain", sealed_ = site_.folder_ / "sealed",
                              opened_ = site_.folder_ / "opened";
  AgeBox age_{site_.runner_};
};

TEST_F(AgeBoxTest, OpensWhatItSealed) {
  for (const std::string& text : {std::string(), std::string("secret\0text", 11), std::string(300'000, 'x')}) {
    BackupSite::write(plain_, text);
    ASSERT_TRUE(age_.seal(site_.policy_.recipients, plain_, sealed_));
    EXPECT_EQ(BackupSite::read(sealed_).find("secret"), std::string::npos);
    const auto opened = age_.open(identity_, sealed_, opened_);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(BackupSite::read(opened_), text);
    std::filesystem::remove(opened_);
  }
}

TEST_F(AgeBoxTest, ADamagedFileIsCorruptAndLeavesNothing) {
  BackupSite::write(plain_, std::string(100'000, 'x'));
  ASSERT_TRUE(age_.seal(site_.policy_.recipients, plain_, sealed_));
  const std::string whole = BackupSite::read(sealed_);
  std::string flipped = whole;
  flipped[whole.size() - 10] = static_cast<char>(flipped[whole.size() - 10] ^ 1);
  for (const std::string& damaged : {flipped, whole.substr(0, whole.size() - 70'000), whole.substr(0, 10), std::string()}) {
    BackupSite::write(sealed_, damaged);
    const auto opened = age_.open(identity_, sealed_, opened_);
    ASSERT_FALSE(opened) << damaged.size();
    EXPECT_EQ(opened.error().code, ErrorCode::corrupt) << opened.error().message;
    EXPECT_FALSE(std::filesystem::exists(opened_));
  }
}

TEST_F(AgeBoxTest, AnotherIdentityIsRefused) {
  BackupSite other;
  const auto others = other.make_identity();
  BackupSite::write(plain_, "x");
  ASSERT_TRUE(age_.seal(site_.policy_.recipients, plain_, sealed_));
  const auto opened = age_.open(others, sealed_, opened_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::invalid) << opened.error().message;
  EXPECT_EQ(age_.open(site_.folder_ / "absent", sealed_, opened_).error().code, ErrorCode::invalid);
}

TEST_F(AgeBoxTest, AWrongRecipientIsRefused) {
  BackupSite::write(plain_, "x");
  const auto sealed = age_.seal({"age1notone"}, plain_, sealed_);
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().code, ErrorCode::invalid);
  EXPECT_NE(sealed.error().message.find("age1notone"), std::string::npos) << sealed.error().message;
  EXPECT_FALSE(std::filesystem::exists(sealed_));
}

TEST_F(AgeBoxTest, WithoutTheProgramItSaysWhatToInstall) {
  NoProgram none;
  const auto sealed = AgeBox(none).seal(site_.policy_.recipients, plain_, sealed_);
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().code, ErrorCode::unavailable);
  EXPECT_NE(sealed.error().message.find("apt install age"), std::string::npos);
}

}  // namespace
}  // namespace packyard
