// BackupSite: what a backup is made of, small and by hand, in a temporary folder: a key database with keys and their pepper, a
// catalog with a release, a published tree with links, a public key, settings; and a place for what comes back.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "backup/backup_maker.h"
#include "backup/restore_places.h"
#include "core/clock.h"
#include "storage/key_store.h"
#include "tests/support/temporary_folder.h"

namespace packyard {

class BackupSite {
 public:
  BackupSite();
  static void write(const std::filesystem::path& file, std::string_view bytes);
  static std::string read(const std::filesystem::path& file);
  // Every file below a folder with its bytes, links as "-> target".
  static std::map<std::string, std::string> tree(const std::filesystem::path& folder);
  void add_key();
  // A release of its own with a file in pool/ and the switch of `current`.
  void publish(std::uint64_t release, std::string_view bytes);
  Result<BackupOutcome> back_up(ObjectStore& destination, BackupKind kind = BackupKind::daily, Sealing sealing = Sealing::none);
  // Makes an identity of age, and its recipient the one of the policy.
  std::filesystem::path make_identity();
  RestorePlaces places() const { return RestorePlaces::below(folder_ / "back"); }
  // The published tree and the keys are there as they are here.
  void expect_restored() const;

  TemporaryFolder folder_;
  std::filesystem::path state_ = folder_ / "state", public_ = folder_ / "public", public_keys_ = folder_ / "public_keys";
  BackupSources sources_;
  BackupSettings policy_;
  ManualClock clock_{Timestamp{1'800'000'000}};
  SystemCommandRunner runner_;
  std::unique_ptr<KeyStore> keys_;
  std::string pepper_;  // its id
  int keys_made_ = 0;
};

}  // namespace packyard
