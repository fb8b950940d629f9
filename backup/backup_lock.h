// One backup or drill of a site at a time: a drill reads what a backup's retention might remove. By flock(2) on
// state/backup.lock.
#pragma once

#include <filesystem>

#include "storage/store_lock.h"

namespace packyard {

// `folder` is made when it is not there. conflict while another one is at work.
Result<StoreLock> take_backup_lock(const std::filesystem::path& folder);

}  // namespace packyard
