#include "backup/backup_restorer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "backup/age_box.h"
#include "backup/checked_reader.h"
#include "core/durable_file.h"
#include "storage/sqlite_database.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

enum class Visibility { everyone, owner };

Result<void> set_mode(const fs::path& path, mode_t mode) {
  if (chmod(path.c_str(), mode) != 0) return fail(system_error("setting the mode of " + path.string()));
  return {};
}

// The folders above a file, where they are missing, whatever the umask.
Result<void> make_folders_for(const fs::path& folder, Visibility visibility) {
  std::error_code error;
  if (folder.empty() || fs::exists(folder, error)) return {};
  TRY(make_folders_for(folder.parent_path(), visibility));
  const mode_t mode = visibility == Visibility::everyone ? 0755 : 0700;
  if (mkdir(folder.c_str(), mode) != 0 && errno != EEXIST) return fail(system_error("making " + folder.string()));
  return set_mode(folder, mode);
}

Result<void> finish_file(const fs::path& file, Visibility visibility, std::uint64_t modified_ns) {
  TRY(set_mode(file, visibility == Visibility::everyone ? 0644 : 0600));
  constexpr std::uint64_t second_ns = 1'000'000'000;
  const timespec time{static_cast<time_t>(modified_ns / second_ns), static_cast<long>(modified_ns % second_ns)};
  const std::array<timespec, 2> times = {time, time};
  if (utimensat(AT_FDCWD, file.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0)
    return fail(system_error("setting the time of " + file.string()));
  return {};
}

// Whether this account may set mode and time of it.
bool is_ours(const fs::path& file) {
  struct stat status {};
  return geteuid() == 0 || (stat(file.c_str(), &status) == 0 && status.st_uid == geteuid());
}

bool is_restored(const fs::path& file, const KeptFile& kept) {
  const auto digest = digest_file(file);
  return digest && digest->sha256 == kept.sha256 && digest->size_bytes == kept.size_bytes;
}

// What is wrong with the backup, as against what is wrong with us, the disk or the connection.
bool is_damage(const Error& error) { return error.code == ErrorCode::corrupt || error.code == ErrorCode::not_found; }

// Our own databases; what backup.also named is the operator's.
Result<void> check_database(const KeptPath& path, const fs::path& file) {
  const bool is_ours = path.area() == kept_area::keys || path.area() == kept_area::state;
  if (!is_ours || file.extension() != ".db") return {};
  TRY_ASSIGN(auto database, sqlite::Database::open(file, {.access = sqlite::Access::read_only}));
  return database.check_integrity();
}

Result<void> restore_link(const KeptLink& link, const RestorePlaces& places) {
  const fs::path path = places.of(link.path);
  TRY(make_folders_for(path.parent_path(), Visibility::everyone));
  std::error_code error;
  if (fs::read_symlink(path, error) == link.target && !error) return {};
  if (symlink(link.target.c_str(), path.c_str()) != 0) return fail(system_error("making the link " + path.string()));
  return {};
}

}  // namespace

Result<void> BackupRestorer::restore_file(const KeptFile& file, const RestoreRequest& request) {
  const fs::path target = request.places.of(file.path);
  // Public keys may have been put there again already, by an operator who is another account.
  if (is_restored(target, file))
    return is_ours(target) ? finish_file(target, Visibility::everyone, file.modified_ns) : Result<void>();
  auto blob = vault_.open_blob(file.sha256);
  if (!blob) return fail(blob.error());
  CheckedReader checked(**blob, BackupVault::blob_name(file.sha256), {file.sha256, file.size_bytes});
  TRY(make_folders_for(target.parent_path(), Visibility::everyone));
  TRY(write_file(target, checked));
  return finish_file(target, Visibility::everyone, file.modified_ns);
}

Result<void> BackupRestorer::restore_secret(const BackupManifest& manifest, std::size_t number, const RestoreRequest& request) {
  const KeptFile& secret = manifest.secrets[number];
  const fs::path target = request.places.of(secret.path);
  auto object = vault_.open_secret(manifest.id, number);
  if (!object) return fail(object.error());
  CheckedReader checked(**object, BackupVault::secret_name(manifest.id, number), {secret.sha256, secret.size_bytes});
  TRY(make_folders_for(target.parent_path(), Visibility::owner));
  if (manifest.sealing == Sealing::none) {
    TRY(write_file(target, checked));
  } else {
    fs::path sealed = target;
    sealed += ".age";
    TRY(write_file(sealed, checked));
    // age keeps what is there already.
    unlink(target.c_str());
    auto opened = AgeBox(runner_).open(request.identity, sealed, target);
    unlink(sealed.c_str());
    if (!opened) return opened;
  }
  TRY(check_database(secret.path, target));
  return finish_file(target, Visibility::owner, secret.modified_ns);
}

Result<RestoreOutcome> BackupRestorer::restore(const BackupManifest& manifest, const RestoreRequest& request) {
  if (manifest.sealing == Sealing::encrypted && request.identity.empty())
    return fail(ErrorCode::invalid, "the backup is encrypted: name the file with your identity of age, --identity");
  TRY(check_places(request.places, manifest));
  TRY(make_folders_for(request.places.state, Visibility::owner));
  TRY(set_mode(request.places.state, 0700));
  TRY(write_file_durably(request.places.marker(), manifest.id.text(), FileMode::owner_only));
  RestoreOutcome outcome;
  const auto note = [&](const KeptPath& path, const Result<void>& restored) -> Result<void> {
    if (!restored && !is_damage(restored.error())) return fail(restored.error().in("restoring " + path.text()));
    if (!restored) outcome.damages.push_back({path.text(), restored.error().message});
    return {};
  };
  // Secrets first: with the wrong identity nothing else needs to be waited for.
  for (std::size_t number = 0; number < manifest.secrets.size(); ++number)
    TRY(note(manifest.secrets[number].path, restore_secret(manifest, number, request)));
  for (const KeptFile& file : manifest.files) {
    TRY(note(file.path, restore_file(file, request)));
    outcome.bytes += file.size_bytes;
    ++outcome.files;
    if (request.advance) request.advance(outcome.files, manifest.files.size());
  }
  if (!outcome.damages.empty()) return outcome;
  // `current` last: nobody reads a tree that is not whole.
  std::vector<const KeptLink*> links;
  for (const KeptLink& link : manifest.links) links.push_back(&link);
  std::ranges::stable_partition(links, [](const KeptLink* link) { return link->path.below() != "current"; });
  TRY(sync_file_system(request.places.state));
  for (const KeptLink* link : links) TRY(restore_link(*link, request.places));
  std::error_code error;
  if (fs::exists(request.places.published, error)) TRY(sync_file_system(request.places.published));
  if (unlink(request.places.marker().c_str()) != 0) return fail(system_error("removing " + request.places.marker().string()));
  return outcome;
}

}  // namespace packyard
