#include "core/backup_settings.h"

#include <gtest/gtest.h>

#include "core/settings_file.h"
#include "core/settings_text.h"

namespace packyard {
namespace {

const std::string rest =
    "components: [{name: core, years: [2025]}]\nstorage: {staging: s, state: t, published: p, public_keys: k}\n";

Result<BackupSettings> load(const std::string& backup, const Environment& environment = {}) {
  return parse_backup_settings(rest + "backup: {" + backup + "}\n", "/base", "packyard.yml", environment);
}

// As load_settings words it.
std::string problem_of(const std::string& backup, const Environment& environment = {}) {
  const auto settings = parse_settings(rest + "backup: {" + backup + "}\n", "/base", "packyard.yml", environment);
  EXPECT_EQ(load(backup, environment).has_value(), settings.has_value());
  return settings ? "none" : settings.error().message;
}

TEST(BackupSettings, NothingSaidIsNoDestination) {
  const BackupSettings backup = parse_backup_settings(rest, "/base", "packyard.yml", {}).value();
  EXPECT_TRUE(backup.destination.empty());
  EXPECT_FALSE(backup.destination_s3);
  EXPECT_TRUE(backup.recipients.empty());
  EXPECT_EQ(backup.keep_daily, 7u);
  EXPECT_EQ(backup.keep_before_change, 5u);
}

TEST(BackupSettings, ReadsAFolder) {
  const BackupSettings backup = load(
                                    "destination: ../b, recipients: [age1xyz, 'ssh-ed25519 AAAA you@here'], keep_daily: 3, "
                                    "keep_before_change: 2, keys: keys, "
                                    "also: [/etc/token]")
                                    .value();
  EXPECT_EQ(backup.destination, "/b");
  EXPECT_EQ(backup.recipients, (std::vector<std::string>{"age1xyz", "ssh-ed25519 AAAA you@here"}));
  EXPECT_EQ(backup.keep_daily, 3u);
  EXPECT_EQ(backup.keep_before_change, 2u);
  EXPECT_EQ(backup.keys, "/base/keys");
  EXPECT_EQ(backup.also, (std::vector<std::filesystem::path>{"/etc/token"}));
}

TEST(BackupSettings, ReadsAPlaceOnS3AlsoFromVariables) {
  EXPECT_EQ(load("destination: {s3: {endpoint: 'http://a:1', bucket: backups, prefix: site}}").value().destination_s3->prefix,
            "site");
  const Environment environment = {{"PACKYARD_BACKUP_DESTINATION_S3_ENDPOINT", "http://b:2"},
                                   {"PACKYARD_BACKUP_DESTINATION_S3_BUCKET", "backups"},
                                   {"PACKYARD_BACKUP_RECIPIENTS", "age1one,age1two"},
                                   {"PACKYARD_BACKUP_ACCESS_KEY", "read elsewhere"},
                                   {"PACKYARD_BACKUP_SECRET_KEY_FILE", "read elsewhere"}};
  EXPECT_EQ(problem_of("", environment), "none");
  const BackupSettings backup = load("", environment).value();
  EXPECT_EQ(backup.destination_s3->endpoint.url(), "http://b:2");
  EXPECT_EQ(backup.recipients.size(), 2u);
}

TEST(BackupSettings, WhatCannotBeMeantIsAProblem) {
  for (const char* recipient : {"--output=x", "AGE-SECRET-KEY-1", "me", "\"age1a\\nb\""})
    EXPECT_NE(problem_of("recipients: [" + std::string(recipient) + "]").find("expected a recipient of age"), std::string::npos)
        << recipient;
  EXPECT_NE(problem_of("keep_daily: 0").find("keep_daily"), std::string::npos);
  EXPECT_NE(problem_of("also: ['']").find("empty path"), std::string::npos);
  EXPECT_NE(problem_of("destination: {s3: {bucket: b}}").find("endpoint"), std::string::npos);
  EXPECT_NE(problem_of("destinaton: x").find("unknown name"), std::string::npos);
}

TEST(BackupSettings, IsShownAndLoadsAgain) {
  for (const char* text : {"", "destination: /b, recipients: [age1x], keys: /k, also: [/a, /b]",
                           "destination: {s3: {endpoint: 'https://s3.example.org', bucket: b-1}}"}) {
    const std::string shown = settings_text(load(text).value());
    EXPECT_EQ(settings_text(parse_backup_settings(rest + shown, "/base", "shown", {}).value()), shown);
  }
}

}  // namespace
}  // namespace packyard
