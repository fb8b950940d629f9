#include "programs/packyard_press/backup_place.h"

#include "programs/packyard_press/s3_credentials.h"
#include "storage/folder_object_store.h"
#include "storage/s3/s3_object_store.h"

namespace packyard {
namespace {

bool lies_in(const std::filesystem::path& path, const std::filesystem::path& folder) {
  if (folder.empty()) return false;
  const std::string relative = path.lexically_relative(folder).string();
  return !relative.empty() && !relative.starts_with("..");
}

BackupPlace place_without_store() {
  BackupPlace place;
  place.clock = std::make_unique<SystemClock>();
  place.random = std::make_unique<SystemRandomSource>();
  return place;
}

}  // namespace

BackupPlace open_backup_folder(const std::filesystem::path& folder) {
  BackupPlace place = place_without_store();
  place.store = std::make_unique<FolderObjectStore>(folder);
  return place;
}

Result<BackupPlace> open_backup_place(const BackupSettings& backup, const StorageSettings& storage) {
  if (backup.destination_s3) {
    BackupPlace place = place_without_store();
    TRY_ASSIGN(AwsCredentials credentials,
               take_s3_credentials(backup_access_key_variable, backup_secret_key_variable, "the backup"));
    place.store = std::make_unique<S3ObjectStore>(*backup.destination_s3, std::move(credentials), *place.clock, *place.random);
    return place;
  }
  if (backup.destination.empty())
    return fail(ErrorCode::invalid,
                "backup.destination is not set: name a folder, best on another machine's disk, or a place on S3");
  if (lies_in(backup.destination, storage.published))
    return fail(ErrorCode::invalid, "backup.destination lies inside storage.published: it would be served to customers");
  if (lies_in(backup.destination, storage.state))
    return fail(ErrorCode::invalid,
                "backup.destination lies inside storage.state: what takes that folder would take the backups, too");
  return open_backup_folder(backup.destination);
}

}  // namespace packyard
