// Opens the staging and archive that the settings name: folders of this machine or a place in an S3 bucket, whose keys it takes
// out of the environment. Used once at the start, before other programs are started.
#pragma once

#include <memory>
#include <string>

#include "core/clock.h"
#include "core/random_source.h"
#include "core/result.h"
#include "core/settings.h"
#include "storage/object_store.h"

namespace packyard {

struct StagingPlace {
  std::unique_ptr<Clock> clock;  // of the stores
  std::unique_ptr<RandomSource> random;
  std::unique_ptr<ObjectStore> staging;
  std::string archive_folder;                      // of staging; empty when the archive is elsewhere
  std::unique_ptr<ObjectStore> archive_elsewhere;  // null when it is in staging

  ObjectStore& archive() const { return archive_elsewhere ? *archive_elsewhere : *staging; }
};

Result<StagingPlace> open_staging_place(const StorageSettings& storage);

}  // namespace packyard
