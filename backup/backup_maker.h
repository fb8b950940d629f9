// BackupMaker: makes one backup while everything else goes on. Order: what the destination holds, a snapshot of the release
// store, the public bytes that are not there yet, the secrets, the manifest; from then on the backup exists. Then the backups
// that retention gives up go, then what no manifest names. Killed anywhere, all earlier backups are whole and the next run takes
// over what this one had put. One at a time per site (backup/backup_lock.h): conflict. What is secret leaves this machine
// encrypted, or, where the request says so in so many words, not.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "backup/backup_manifest.h"
#include "backup/backup_vault.h"
#include "backup/secret_copies.h"
#include "backup/store_snapshot.h"
#include "core/backup_settings.h"
#include "core/clock.h"
#include "core/command_runner.h"

namespace packyard {

struct BackupSources {
  StorePlaces store;
  SecretSources secrets;
  std::filesystem::path state;  // storage.state: holds the lock, and for a moment backup.scratch/ with databases in the clear
};

struct BackupRequest {
  BackupKind kind = BackupKind::daily;
  Sealing sealing = Sealing::encrypted;
};

struct BackupOutcome {
  BackupManifest manifest;
  std::uint64_t size_bytes = 0;  // of all public files
  std::uint64_t new_blobs = 0, new_bytes = 0;
  std::vector<BackupId> removed;      // by retention
  std::vector<std::string> warnings;  // the backup is made, but something else needs a person
};

class BackupMaker {
 public:
  using Advance = std::function<void(std::uint64_t done, std::uint64_t total)>;  // files
  BackupMaker(const BackupSources& sources, const BackupSettings& policy, ObjectStore& destination, CommandRunner& runner,
              Clock& clock, Advance advance = {});
  Result<BackupOutcome> make(const BackupRequest& request);

 private:
  struct Run;
  Result<void> keep_files(Run& run, const StoreSnapshot& snapshot);
  Result<KeptFile> keep_file(Run& run, const SnapshotFile& file);
  Result<void> keep_store(Run& run);
  Result<void> keep_secrets(Run& run);
  Result<void> tidy(Run& run);

  const BackupSources& sources_;
  const BackupSettings& policy_;
  BackupVault vault_;
  CommandRunner& runner_;
  Clock& clock_;
  Advance advance_;
};

}  // namespace packyard
