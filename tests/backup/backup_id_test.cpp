#include "backup/backup_id.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(BackupId, IsReadBack) {
  const BackupId daily{Timestamp{1'800'000'000}, BackupKind::daily};
  EXPECT_EQ(daily.text(), "20270115T080000Z-daily");
  EXPECT_EQ(BackupId::parse(daily.text()).value(), daily);
  const BackupId change{Timestamp{1'800'000'001}, BackupKind::before_change};
  EXPECT_EQ(change.text(), "20270115T080001Z-before-change");
  EXPECT_EQ(BackupId::parse(change.text()).value(), change);
  EXPECT_LT(daily, change);
}

TEST(BackupId, RefusesEverythingElse) {
  for (const char* text :
       {"", "20270115T080000Z", "20270115T080000Z-", "20270115T080000Z-weekly", "20270115T080000Z-daily ",
        "20271515T080000Z-daily", "2027-01-15T08:00:00Z-daily", "20270115 080000Z-daily", "../20270115T080000Z-daily"})
    EXPECT_EQ(BackupId::parse(text).error().code, ErrorCode::invalid) << text;
}

}  // namespace
}  // namespace packyard
