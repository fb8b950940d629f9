#include "backup/backup_retention.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

constexpr std::int64_t day = 24 * 3600;
constexpr std::int64_t midnight = 20'000 * day;

BackupId daily(std::int64_t at) { return {Timestamp{midnight + at}, BackupKind::daily}; }
BackupId change(std::int64_t at) { return {Timestamp{midnight + at}, BackupKind::before_change}; }

TEST(BackupRetention, KeepsTheLastOfEachOfTheLastDays) {
  std::vector<BackupId> backups;
  for (int number = 0; number < 10; ++number)
    backups.insert(backups.end(), {daily(number * day + 100), daily(number * day + 200)});
  std::set<BackupId> expected;
  for (int number = 3; number < 10; ++number) expected.insert(daily(number * day + 200));
  EXPECT_EQ(retained_backups(backups, {}), expected);
}

TEST(BackupRetention, DaysWithoutABackupDoNotCount) {
  std::vector<BackupId> backups;
  for (int number = 0; number < 7; ++number) backups.push_back(daily(number * 30 * day));
  EXPECT_EQ(retained_backups(backups, {}).size(), 7u);
}

TEST(BackupRetention, ThoseBeforeChangesAreCountedApart) {
  std::vector<BackupId> backups;
  for (int number = 0; number < 8; ++number) backups.push_back(change(number));
  for (int number = 1; number < 3; ++number) backups.push_back(daily(number * day));
  const auto retained = retained_backups(backups, {});
  EXPECT_EQ(retained, (std::set<BackupId>{change(3), change(4), change(5), change(6), change(7), daily(day), daily(2 * day)}));
}

TEST(BackupRetention, TheNewestAlwaysStaysAndOfNothingNothing) {
  EXPECT_TRUE(retained_backups({}, {}).empty());
  BackupSettings policy;
  policy.keep_before_change = 0;
  EXPECT_EQ(retained_backups({change(1), change(2)}, policy), std::set<BackupId>{change(2)});
}

}  // namespace
}  // namespace packyard
