// Opens the place where backups lie: a folder, or a bucket whose keys it takes out of the environment. Used once at the start,
// before other programs are started.
#pragma once

#include <filesystem>
#include <memory>

#include "core/backup_settings.h"
#include "core/clock.h"
#include "core/random_source.h"
#include "core/settings.h"
#include "storage/object_store.h"

namespace packyard {

struct BackupPlace {
  std::unique_ptr<Clock> clock;
  std::unique_ptr<RandomSource> random;  // of the store
  std::unique_ptr<ObjectStore> store;
};

// backup.destination. invalid when there is none, or one that would be served or lost with the state it keeps.
Result<BackupPlace> open_backup_place(const BackupSettings& backup, const StorageSettings& storage);
// A folder with backups, whatever the settings say.
BackupPlace open_backup_folder(const std::filesystem::path& folder);

}  // namespace packyard
