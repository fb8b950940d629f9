#include "backup/backup_lock.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

TEST(BackupLock, OneAtATimeInAFolderThatIsMade) {
  const TemporaryFolder folder;
  std::optional<StoreLock> lock = take_backup_lock(folder / "state").value();
  const auto second = take_backup_lock(folder / "state");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  EXPECT_NE(second.error().message.find("another backup"), std::string::npos);
  lock.reset();
  EXPECT_TRUE(take_backup_lock(folder / "state"));
}

}  // namespace
}  // namespace packyard
