#include "backup/backup_maker.h"

#include <sys/stat.h>

#include <map>

#include "backup/age_box.h"
#include "backup/backup_lock.h"
#include "backup/backup_retention.h"
#include "backup/checked_reader.h"
#include "core/durable_file.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

constexpr int snapshots_max = 5;                          // each time something was removed meanwhile
constexpr std::chrono::seconds promotion_wait_max{3600};  // a large promotion takes its time

// Databases in the clear lie here for a moment; gone with the object.
class Scratch {
 public:
  static Result<Scratch> make(const fs::path& folder) {
    std::error_code error;
    fs::remove_all(folder, error);
    if (error) return fail(system_error("emptying " + folder.string(), error.value()));
    TRY(make_folders(folder.parent_path()));
    if (mkdir(folder.c_str(), 0700) != 0) return fail(system_error("making " + folder.string()));
    return Scratch(folder);
  }
  Scratch(Scratch&& other) noexcept : folder_(std::move(other.folder_)) { other.folder_.clear(); }
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  Result<fs::path> add_folder(const std::string& name) const {
    std::error_code error;
    fs::remove_all(folder_ / name, error);
    TRY(make_folders(folder_ / name));
    return folder_ / name;
  }
  const fs::path& path() const { return folder_; }

 private:
  explicit Scratch(fs::path folder) : folder_(std::move(folder)) {}
  fs::path folder_;
};

Result<void> refuse_unmeant_sealing(const BackupSettings& policy, Sealing sealing) {
  if (sealing == Sealing::encrypted && policy.recipients.empty())
    return fail(
        ErrorCode::invalid,
        "backup.recipients names nobody who could open the backup, so databases and peppers would lie there for anyone to read; "
        "make an identity (age-keygen -o identity.txt), keep it away from this machine and set its recipient (age1…); or say "
        "--unencrypted");
  if (sealing == Sealing::none && !policy.recipients.empty())
    return fail(ErrorCode::invalid, "backup.recipients is set, and --unencrypted says not to encrypt to them: drop one of both");
  return {};
}

// A name of its own for each backup, later than all before.
BackupId next_id(const std::vector<BackupId>& existing, Timestamp now, BackupKind kind) {
  Timestamp moment = now;
  if (!existing.empty() && existing.back().made_at >= moment) moment.seconds = existing.back().made_at.seconds + 1;
  return {moment, kind};
}

}  // namespace

struct BackupMaker::Run {
  Run(Scratch own, const BackupRequest& asked) : scratch(std::move(own)), request(asked) {}
  Scratch scratch;
  BackupRequest request;
  std::map<Sha256, std::uint64_t> blobs;  // at the destination
  std::map<std::string, KeptFile> known;  // by path, of the backup before
  std::optional<SecretCopy> catalog;
  BackupOutcome outcome;
};

BackupMaker::BackupMaker(const BackupSources& sources, const BackupSettings& policy, ObjectStore& destination,
                         CommandRunner& runner, Clock& clock, Advance advance)
    : sources_(sources), policy_(policy), vault_(destination), runner_(runner), clock_(clock), advance_(std::move(advance)) {}

// not_found: it went away since the snapshot. A published name never changes its bytes, so a file with the size and time that the
// backup before knew has the digest it knew, and is not read again.
Result<KeptFile> BackupMaker::keep_file(Run& run, const SnapshotFile& file) {
  KeptFile kept{file.path, file.size_bytes, {}, file.modified_ns};
  const auto known = run.known.find(file.path.text());
  if (known != run.known.end() && known->second.size_bytes == file.size_bytes && known->second.modified_ns == file.modified_ns) {
    kept.sha256 = known->second.sha256;
  } else {
    TRY_ASSIGN(const FileDigest digest, digest_file(file.file));
    kept.sha256 = digest.sha256;
    if (digest.size_bytes != file.size_bytes)
      return fail(ErrorCode::not_found, file.file.string() + " changed while it was read");
  }
  if (const auto there = run.blobs.find(kept.sha256); there != run.blobs.end() && there->second == kept.size_bytes) return kept;
  TRY_ASSIGN(const auto opened, open_file(file.file));
  CheckedReader checked(*opened, file.file.string(), {kept.sha256, kept.size_bytes});
  // From here on "not found" is the destination's.
  if (auto put = vault_.put_blob(kept.sha256, checked); !put) {
    Error error = put.error().in("putting " + file.path.text());
    if (error.code == ErrorCode::not_found) error.code = ErrorCode::unavailable;
    return fail(std::move(error));
  }
  run.blobs[kept.sha256] = kept.size_bytes;
  ++run.outcome.new_blobs;
  run.outcome.new_bytes += kept.size_bytes;
  return kept;
}

Result<void> BackupMaker::keep_files(Run& run, const StoreSnapshot& snapshot) {
  BackupManifest& manifest = run.outcome.manifest;
  manifest.files.clear();
  manifest.links.clear();
  manifest.release = snapshot.release;
  run.outcome.size_bytes = 0;
  for (const SnapshotFile& file : snapshot.files) {
    TRY_ASSIGN(KeptFile kept, keep_file(run, file));
    run.outcome.size_bytes += kept.size_bytes;
    manifest.files.push_back(std::move(kept));
    if (advance_) advance_(manifest.files.size(), snapshot.files.size());
  }
  for (const SnapshotLink& link : snapshot.links) manifest.links.push_back({link.path, link.target});
  run.catalog = snapshot.catalog;
  return {};
}

Result<void> BackupMaker::keep_store(Run& run) {
  for (int snapshots = 1;; ++snapshots) {
    TRY_ASSIGN(const fs::path folder, run.scratch.add_folder("store"));
    TRY_ASSIGN(const auto snapshot, take_snapshot(sources_.store, folder, clock_, promotion_wait_max));
    const auto kept = keep_files(run, snapshot);
    if (kept || kept.error().code != ErrorCode::not_found) return kept;
    if (snapshots == snapshots_max)
      return fail(ErrorCode::unavailable, kept.error().message + "; what is published was removed " +
                                              std::to_string(snapshots_max) +
                                              " times while it was copied: run this again when that is over");
  }
}

Result<void> BackupMaker::keep_secrets(Run& run) {
  TRY_ASSIGN(const fs::path plain, run.scratch.add_folder("secrets"));
  TRY_ASSIGN(auto copies, copy_secrets(sources_.secrets, plain));
  if (run.catalog) copies.push_back(*run.catalog);
  AgeBox age(runner_);
  BackupManifest& manifest = run.outcome.manifest;
  for (const SecretCopy& copy : copies) {
    fs::path stored = copy.file;
    if (run.request.sealing == Sealing::encrypted) {
      stored += ".age";
      if (auto sealed = age.seal(policy_.recipients, copy.file, stored); !sealed)
        return fail(sealed.error().in(copy.path.text()));
    }
    TRY_ASSIGN(const FileDigest digest, digest_file(stored));
    TRY_ASSIGN(const auto opened, open_file(stored));
    CheckedReader checked(*opened, stored.string(), digest);
    auto put = vault_.put_secret(manifest.id, manifest.secrets.size(), checked);
    if (!put) return fail(put.error().in("putting " + copy.path.text()));
    manifest.secrets.push_back({copy.path, digest.size_bytes, digest.sha256, copy.modified_ns});
  }
  return {};
}

// The backup is made: what fails now is told, and tried again by the next one.
Result<void> BackupMaker::tidy(Run& run) {
  TRY_ASSIGN(const auto ids, vault_.backups());
  const auto retained = retained_backups(ids, policy_);
  for (const BackupId& id : ids) {
    if (retained.contains(id) || id == run.outcome.manifest.id) continue;
    TRY(vault_.remove(id));
    run.outcome.removed.push_back(id);
  }
  TRY(vault_.remove_unneeded());
  return {};
}

Result<BackupOutcome> BackupMaker::make(const BackupRequest& request) {
  TRY(refuse_unmeant_sealing(policy_, request.sealing));
  TRY_ASSIGN(const auto lock, take_backup_lock(sources_.state));
  TRY_ASSIGN(auto scratch, Scratch::make(sources_.state / "backup.scratch"));
  Run run(std::move(scratch), request);
  TRY_ASSIGN(const auto ids, vault_.backups());
  TRY_ASSIGN(run.blobs, vault_.blobs());
  if (!ids.empty()) {
    if (auto before = vault_.manifest(ids.back()); before) {
      for (KeptFile& file : before->files) run.known.emplace(file.path.text(), std::move(file));
    } else if (before.error().code == ErrorCode::corrupt || before.error().code == ErrorCode::invalid) {
      run.outcome.warnings.push_back(before.error().message);
    } else {
      return fail(before.error());
    }
  }
  BackupManifest& manifest = run.outcome.manifest;
  manifest.id = next_id(ids, clock_.now(), request.kind);
  manifest.version = PACKYARD_VERSION;
  manifest.sealing = request.sealing;
  TRY(keep_store(run));
  TRY(keep_secrets(run));
  TRY(vault_.put_manifest(manifest));
  if (const auto tidied = tidy(run); !tidied)
    run.outcome.warnings.push_back("old backups were not all removed: " + tidied.error().message);
  return std::move(run.outcome);
}

}  // namespace packyard
