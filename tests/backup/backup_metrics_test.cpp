#include "backup/backup_metrics.h"

#include <gtest/gtest.h>

#include "core/durable_file.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

TEST(BackupMetrics, AFailureLeavesTheTimeOfTheLastSuccess) {
  const TemporaryFolder folder;
  const Log log(LogLevel::error);
  const BackupMetrics metrics(folder / "metrics", log);
  const auto text = [&](const char* name) { return read_small_file(folder.path() / "metrics" / name, 10'000).value(); };
  metrics.finished({1000}, BackupResult::succeeded);
  EXPECT_NE(text("backup_success.prom").find("\npackyard_backup_last_success_timestamp_seconds 1000\n"), std::string::npos);
  EXPECT_NE(text("backup_result.prom").find("\npackyard_backup_succeeded 1\n"), std::string::npos);
  metrics.finished({2000}, BackupResult::failed);
  EXPECT_NE(text("backup_success.prom").find(" 1000\n"), std::string::npos);
  EXPECT_NE(text("backup_result.prom").find("\npackyard_backup_succeeded 0\n"), std::string::npos);
}

TEST(BackupMetrics, AFolderThatCannotBeMadeFailsNothing) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_new_file(folder / "file", "", FileMode::owner_only));
  const Log log(LogLevel::error);
  BackupMetrics(folder / "file" / "metrics", log).finished({1}, BackupResult::succeeded);
}

}  // namespace
}  // namespace packyard
