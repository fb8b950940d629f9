#include "backup/restore_places.h"

#include <gtest/gtest.h>

#include "tests/support/backup_site.h"

namespace packyard {
namespace {

class RestorePlacesTest : public testing::Test {
 protected:
  RestorePlacesTest() {
    manifest_.id = {Timestamp{1'800'000'000}, BackupKind::daily};
    manifest_.files.push_back({KeptPath::parse("public_keys/lts.asc").value(), 3, sha256("key"), 0});
  }
  Result<void> check() { return check_places(places_, manifest_); }
  TemporaryFolder folder_;
  RestorePlaces places_ = RestorePlaces::below(folder_.path());
  BackupManifest manifest_;
};

TEST_F(RestorePlacesTest, EachAreaHasItsFolder) {
  places_.keys = "/elsewhere";
  const auto of = [&](const char* path) { return places_.of(KeptPath::parse(path).value()).string(); };
  EXPECT_EQ(of("public/a/b"), (folder_ / "public/a/b").string());
  EXPECT_EQ(of("keys/keys.db"), "/elsewhere/keys.db");
  EXPECT_EQ(of("state/catalog.db"), (folder_ / "state/catalog.db").string());
  EXPECT_EQ(of("public_keys/lts.asc"), (folder_ / "public_keys/lts.asc").string());
  EXPECT_EQ(of("settings/packyard.yml"), (folder_ / "settings/packyard.yml").string());
  EXPECT_EQ(of("also/etc/token"), (folder_ / "also/etc/token").string());
}

TEST_F(RestorePlacesTest, EmptyIsWhatHoldsNothingOfAnybodys) {
  EXPECT_TRUE(check());
  BackupSite::write(places_.state / "metrics/release.prom", "");
  BackupSite::write(places_.state / "promote.lock", "1");
  std::filesystem::create_directories(places_.published / "pool");
  BackupSite::write(places_.public_keys / "lts.asc", "key");
  BackupSite::write(places_.public_keys / "note", "mine");
  EXPECT_TRUE(check());
}

TEST_F(RestorePlacesTest, WhatIsThereIsNamed) {
  for (const auto& file : {places_.state / "keys.db", places_.published / "pool/x"}) {
    BackupSite::write(file, "x");
    const auto checked = check();
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ErrorCode::conflict);
    EXPECT_NE(checked.error().message.find(file.string()), std::string::npos);
    std::filesystem::remove(file);
  }
  std::filesystem::create_symlink("x", places_.published / "current");
  EXPECT_EQ(check().error().code, ErrorCode::conflict);
  std::filesystem::remove(places_.published / "current");
  BackupSite::write(places_.public_keys / "lts.asc", "another key");
  EXPECT_NE(check().error().message.find("differs"), std::string::npos);
}

TEST_F(RestorePlacesTest, AnInterruptedRestoreGoesOnAndAnotherDoesNot) {
  BackupSite::write(places_.published / "pool/x", "half");
  BackupSite::write(places_.marker(), manifest_.id.text());
  EXPECT_TRUE(check());
  BackupSite::write(places_.marker(), "20270101T000000Z-daily");
  EXPECT_NE(check().error().message.find("--backup 20270101T000000Z-daily"), std::string::npos);
}

}  // namespace
}  // namespace packyard
