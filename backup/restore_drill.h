// RestoreDrill: shows that the newest backup (or the one that is asked for) can be restored, by doing it: into a scratch folder
// that goes afterwards, with every digest compared, the gate started on what came back, a key tried at it, and the tree verified
// as a customer reads it. Touches nothing of the running site. What is wrong is a check that failed, with what it was; an Error
// only when the drill itself could not be done (wrong identity, no room). One thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backup/backup_restorer.h"
#include "core/secret.h"

namespace packyard {

enum class DrillResult { ok, failed };

struct DrillCheck {
  DrillResult result = DrillResult::ok;
  std::string text;
};

struct DrillReport {
  std::optional<BackupId> backup;
  std::optional<std::uint64_t> release;
  std::vector<DrillCheck> checks;
  bool is_good() const;
};

struct DrillRequest {
  std::optional<BackupId> backup;  // unset: the newest
  std::filesystem::path identity;
  std::filesystem::path scratch;  // made, and removed with what is in it; must not exist
  std::optional<Secret> test_key;
};

struct DrillParts {
  ObjectStore& destination;
  CommandRunner& runner;
  std::filesystem::path gate_program;  // packyard
  // What a customer would find wrong with the tree restored there, with its settings file; empty: nothing.
  std::function<Result<std::vector<std::string>>(const RestorePlaces&, const std::filesystem::path& settings_file)> verify;
};

class RestoreDrill {
 public:
  explicit RestoreDrill(const DrillParts& parts) : parts_(parts), vault_(parts.destination) {}
  Result<DrillReport> run(const DrillRequest& request);

 private:
  Result<void> restore(const DrillRequest& request, const BackupManifest& manifest, DrillReport& report);
  void try_gate(const DrillRequest& request, const RestorePlaces& places, DrillReport& report);
  void try_key(const DrillRequest& request, std::uint16_t port, DrillReport& report);
  void verify(const RestorePlaces& places, DrillReport& report);
  const DrillParts& parts_;
  BackupVault vault_;
};

}  // namespace packyard
