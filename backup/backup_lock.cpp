#include "backup/backup_lock.h"

#include "core/durable_file.h"

namespace packyard {

Result<StoreLock> take_backup_lock(const std::filesystem::path& folder) {
  TRY(make_folders(folder));
  auto lock = StoreLock::take(folder / "backup.lock");
  if (lock || lock.error().code != ErrorCode::conflict) return lock;
  return fail(ErrorCode::conflict, "another backup or drill of this site is at work, which holds " +
                                       (folder / "backup.lock").string() + ": wait for it to end and run this again");
}

}  // namespace packyard
