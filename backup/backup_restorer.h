// BackupRestorer: brings a backup back: every file with its bytes, time and mode, checked against the manifest's digests while it
// is written; secrets opened with the identity and readable by this account alone; the links, `current` among them, only when all
// else is whole. What is damaged is collected and named, the rest restored. Interrupted, the same restore goes on. One thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "backup/backup_vault.h"
#include "backup/restore_places.h"
#include "core/command_runner.h"

namespace packyard {

struct BackupDamage {
  std::string subject;  // name in the backup, and of its object
  std::string problem;
};

struct RestoreRequest {
  RestorePlaces places;
  std::filesystem::path identity;  // of age; empty: none, only for a backup that is not encrypted
  std::function<void(std::uint64_t done, std::uint64_t total)> advance{};  // files
};

struct RestoreOutcome {
  std::uint64_t files = 0, bytes = 0;  // public ones
  std::vector<BackupDamage> damages;   // empty: all is there as it was
};

class BackupRestorer {
 public:
  BackupRestorer(ObjectStore& destination, CommandRunner& runner) : vault_(destination), runner_(runner) {}
  // conflict when the places are not empty; invalid when the identity opens nothing. What the store or disk fails at is an Error,
  // not a damage.
  Result<RestoreOutcome> restore(const BackupManifest& manifest, const RestoreRequest& request);

 private:
  Result<void> restore_file(const KeptFile& file, const RestoreRequest& request);
  Result<void> restore_secret(const BackupManifest& manifest, std::size_t number, const RestoreRequest& request);
  BackupVault vault_;
  CommandRunner& runner_;
};

}  // namespace packyard
