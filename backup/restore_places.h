// RestorePlaces: where the parts of a backup go: each area its folder. Looks whether they are empty enough: nothing that is there
// is ever overwritten. Plain values and functions over the file system.
#pragma once

#include <filesystem>

#include "backup/backup_manifest.h"
#include "backup/kept_path.h"
#include "core/result.h"

namespace packyard {

struct RestorePlaces {
  std::filesystem::path published, state, keys, public_keys, settings, also;

  // All in one folder: state/ (the keys too), public/, public_keys/, settings/, also/.
  static RestorePlaces below(const std::filesystem::path& folder);
  std::filesystem::path of(const KeptPath& path) const;
  // Says that a restore of this backup was begun here and not ended: such a one goes on.
  std::filesystem::path marker() const { return state / "restoring"; }
};

// conflict when something lies there that a restore would meet, naming it. What an earlier, interrupted restore of the same
// backup left may be there, and public keys with the same bytes.
Result<void> check_places(const RestorePlaces& places, const BackupManifest& manifest);

}  // namespace packyard
