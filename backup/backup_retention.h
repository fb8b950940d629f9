// Which backups stay: of each of the last days that have daily ones the newest, and the newest of those made before changes;
// always the newest of all. A pure function.
#pragma once

#include <set>
#include <vector>

#include "backup/backup_id.h"
#include "core/backup_settings.h"

namespace packyard {

std::set<BackupId> retained_backups(const std::vector<BackupId>& backups, const BackupSettings& policy);

}  // namespace packyard
