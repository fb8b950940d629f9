#include "storage/key_row.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

const std::string good_row =
    "'key_1', zeroblob(32), 'pepper', 'core plus', 'ACME', 1, NULL, NULL, NULL, 0, '2025', 'rpm oci', '10.0.0.0/8 ::1', 5, 60, '{}', 9, "
    "NULL, 7";

Result<KeyRecord> read(const std::string& values) {
  const TemporaryFolder folder;
  auto database = sqlite::Database::open(folder / "row.db");
  auto statement = database->prepare("SELECT " + values);
  Result<KeyRecord> record = fail(ErrorCode::internal, "no row");
  static_cast<void>(statement->for_each({}, [&](const sqlite::Row& row) -> Result<void> {
    record = key_record_of(row);
    return {};
  }));
  return record;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  return text.replace(text.find(what), what.size(), with);
}

TEST(KeyRow, ListsAreWordsOfAColumn) {
  const auto record = read(good_row);
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(component_column(record->scope), "core plus");
  EXPECT_EQ(year_column(record->scope), "2025");
  EXPECT_EQ(format_column(record->scope), "rpm oci");
  EXPECT_EQ(address_column(record->scope), "10.0.0.0/8 ::1");
  EXPECT_EQ(record->not_before, Timestamp{5});
  EXPECT_EQ(record->grace, std::chrono::seconds(60));
  EXPECT_FALSE(record->expires_at);
  EXPECT_EQ(record->suspended_at, Timestamp{9});
  EXPECT_EQ(record->limits, (KeyLimits{.addresses_per_day = 7}));
}

TEST(KeyRow, TheSecretThatLivesLongestComesFirst) {
  std::vector<FormerSecret> secrets = {
      {sha256("a"), "p", Timestamp{1}}, {sha256("b"), "p", Timestamp{3}}, {sha256("c"), "p", Timestamp{2}}};
  sort_former_secrets(secrets);
  EXPECT_EQ(secrets[0].valid_until, Timestamp{3});
  EXPECT_EQ(secrets[2].digest, sha256("a"));
}

TEST(KeyRow, WhatWeNeverWroteIsCorrupt) {
  for (const auto& [what, with] : {std::pair{"'core plus'", "''"}, {"'core plus'", "'core  plus'"}, {"'core plus'", "' core'"},
                                   {"zeroblob(32)", "zeroblob(31)"}, {"'2025'", "'25'"}, {"rpm oci", "rpm,oci"},
                                   {"10.0.0.0/8", "10.0.0.1/8"}})
    EXPECT_EQ(read(replaced(good_row, what, with)).error().code, ErrorCode::corrupt) << with;
}

}  // namespace
}  // namespace packyard
