#include "backup/secret_copies.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "storage/sqlite_database.h"
#include "tests/support/backup_site.h"

namespace packyard {
namespace {

class SecretCopiesTest : public testing::Test {
 protected:
  SecretCopiesTest() { std::filesystem::create_directory(copies_); }
  BackupSite site_;
  const std::filesystem::path copies_ = site_.folder_ / "copies";
};

TEST_F(SecretCopiesTest, CopiesKeysPeppersSettingsAndWhatElseIsNamed) {
  BackupSite::write(site_.folder_ / "token", "t0ken");
  site_.sources_.secrets.also = {site_.folder_ / "token"};
  const auto copies = copy_secrets(site_.sources_.secrets, copies_).value();
  std::map<std::string, std::string> texts;
  for (const SecretCopy& copy : copies) texts[copy.path.text()] = BackupSite::read(copy.file);
  EXPECT_TRUE(texts.at("keys/keys.db").starts_with("SQLite format 3"));
  EXPECT_EQ(texts.at("keys/peppers/" + site_.pepper_), BackupSite::read(site_.state_ / "peppers" / site_.pepper_));
  EXPECT_EQ(texts.at("settings/in-force.yml"), "site: x\n");
  EXPECT_EQ(texts.at("settings/packyard.yml"), "# settings\n");
  EXPECT_EQ(texts.at("also" + (site_.folder_ / "token").string()), "t0ken");
  EXPECT_EQ(texts.size(), 5u);
  for (const SecretCopy& copy : copies) {
    const auto mode = std::filesystem::status(copy.file).permissions();
    EXPECT_EQ(mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all), std::filesystem::perms::none);
  }
}

TEST_F(SecretCopiesTest, ADatabaseIsCopiedAsItIsWhileOthersWrite) {
  auto writing = sqlite::Database::open(site_.state_ / "keys.db").value();
  auto transaction = writing.begin(sqlite::TransactionKind::write).value();
  ASSERT_TRUE(writing.run("UPDATE keys SET label = 'half'"));
  const auto copy = copy_database(site_.state_ / "keys.db", "keys/keys.db", copies_);
  ASSERT_TRUE(copy) << copy.error().message;
  auto copied = sqlite::Database::open(copy->file, {.access = sqlite::Access::read_only}).value();
  EXPECT_EQ(copied.query_integer("SELECT count(*) FROM keys WHERE label = 'half'").value(), 0);
  EXPECT_EQ(copied.query_integer("SELECT count(*) FROM keys").value(), 1);
}

TEST_F(SecretCopiesTest, WithoutKeysOrPepperItIsNoBackup) {
  std::filesystem::rename(site_.state_ / "peppers", site_.folder_ / "elsewhere");
  EXPECT_NE(copy_secrets(site_.sources_.secrets, copies_).error().message.find("no pepper"), std::string::npos);
  site_.sources_.secrets.keys = site_.folder_ / "absent";
  const auto copies = copy_secrets(site_.sources_.secrets, copies_);
  ASSERT_FALSE(copies);
  EXPECT_EQ(copies.error().code, ErrorCode::invalid);
  EXPECT_NE(copies.error().message.find("set backup.keys"), std::string::npos);
}

TEST_F(SecretCopiesTest, AFileThatIsNamedAndAbsentIsRefused) {
  site_.sources_.secrets.also = {site_.folder_ / "absent"};
  const auto copies = copy_secrets(site_.sources_.secrets, copies_);
  ASSERT_FALSE(copies);
  EXPECT_EQ(copies.error().code, ErrorCode::invalid);
  EXPECT_NE(copies.error().message.find("backup.also"), std::string::npos);
}

}  // namespace
}  // namespace packyard
