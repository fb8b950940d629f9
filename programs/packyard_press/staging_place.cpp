#include "programs/packyard_press/staging_place.h"

#include "core/storage_settings.h"
#include "programs/packyard_press/s3_credentials.h"
#include "storage/folder_object_store.h"
#include "storage/s3/s3_object_store.h"

namespace packyard {
namespace {

constexpr std::string_view default_archive = ".archive";

// The archive's folder inside staging, as a key; empty when it lies elsewhere.
std::string folder_inside(const std::filesystem::path& archive, const std::filesystem::path& staging) {
  const std::string relative = archive.lexically_normal().lexically_relative(staging.lexically_normal()).string();
  return relative.empty() || relative == "." || relative.starts_with("..") ? "" : relative;
}

}  // namespace

Result<StagingPlace> open_staging_place(const StorageSettings& storage) {
  StagingPlace place;
  place.clock = std::make_unique<SystemClock>();
  place.random = std::make_unique<SystemRandomSource>();
  if (storage.staging_s3) {
    TRY_ASSIGN(AwsCredentials credentials,
               take_s3_credentials(staging_access_key_variable, staging_secret_key_variable, "staging"));
    place.staging = std::make_unique<S3ObjectStore>(*storage.staging_s3, std::move(credentials), *place.clock, *place.random);
    if (storage.archive.empty()) place.archive_folder = default_archive;
  } else {
    place.staging = std::make_unique<FolderObjectStore>(storage.staging);
    place.archive_folder = folder_inside(storage.archive, storage.staging);
  }
  if (place.archive_folder.empty()) place.archive_elsewhere = std::make_unique<FolderObjectStore>(storage.archive);
  return place;
}

}  // namespace packyard
