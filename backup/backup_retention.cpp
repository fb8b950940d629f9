#include "backup/backup_retention.h"

#include <algorithm>
#include <functional>

namespace packyard {
namespace {

constexpr std::int64_t day_seconds = 24 * 3600;

}  // namespace

std::set<BackupId> retained_backups(const std::vector<BackupId>& backups, const BackupSettings& policy) {
  std::vector<BackupId> newest_first = backups;
  std::ranges::sort(newest_first, std::greater());
  std::set<BackupId> retained;
  std::set<std::int64_t> days;
  std::uint32_t before_changes = 0;
  for (const BackupId& id : newest_first) {
    bool stays = retained.empty();
    if (id.kind == BackupKind::daily)
      stays |= days.insert(id.made_at.seconds / day_seconds).second && days.size() <= policy.keep_daily;
    else
      stays |= before_changes++ < policy.keep_before_change;
    if (stays) retained.insert(id);
  }
  return retained;
}

}  // namespace packyard
