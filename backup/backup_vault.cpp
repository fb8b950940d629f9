#include "backup/backup_vault.h"

#include <algorithm>
#include <set>

namespace packyard {
namespace {

constexpr std::size_t manifest_bytes_max = std::size_t{1} << 30;
constexpr std::string_view manifests = "manifests", secrets = "secrets", blobs_folder = "blobs";

Result<ObjectKey> key_of(const std::string& name) { return ObjectKey::parse(name); }

// The folder store's files on the way to their name, left by a run that was killed (storage/folder_object_store.cpp).
bool is_left_over(std::string_view file_name) {
  return file_name.starts_with(".put.") || file_name.find(".new.") != std::string_view::npos;
}

}  // namespace

std::string BackupVault::blob_name(const Sha256& digest) {
  const std::string hex = digest.hex();
  return std::string(blobs_folder) + "/" + hex.substr(0, 2) + "/" + hex;
}

std::string BackupVault::secret_name(const BackupId& id, std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(secrets) + "/" + id.text() + "/" + std::string(4 - std::min<std::size_t>(4, digits.size()), '0') + digits;
}

std::string BackupVault::manifest_name(const BackupId& id) { return std::string(manifests) + "/" + id.text(); }

Result<std::vector<BackupId>> BackupVault::backups() {
  TRY_ASSIGN(const auto listing, store_.list(manifests));
  std::vector<BackupId> ids;
  for (const ObjectInfo& object : listing.objects)
    if (const auto id = BackupId::parse(object.key.file_name()); id && object.key.text() == manifest_name(*id))
      ids.push_back(*id);
  std::ranges::sort(ids);
  return ids;
}

Result<BackupManifest> BackupVault::manifest(const BackupId& id) {
  TRY_ASSIGN(const auto key, key_of(manifest_name(id)));
  TRY_ASSIGN(const std::string text, read_small_object(store_, key, manifest_bytes_max));
  auto manifest = parse_manifest(text);
  if (!manifest) return fail(manifest.error().in(key.text()));
  if (manifest->id != id) return fail(ErrorCode::corrupt, key.text() + ": it is the manifest of " + manifest->id.text());
  return manifest;
}

Result<std::map<Sha256, std::uint64_t>> BackupVault::blobs() {
  TRY_ASSIGN(const auto listing, store_.list(blobs_folder));
  std::map<Sha256, std::uint64_t> found;
  for (const ObjectInfo& object : listing.objects)
    if (const auto digest = Sha256::parse_hex(object.key.file_name()); digest && object.key.text() == blob_name(*digest))
      found.emplace(*digest, object.size_bytes);
  return found;
}

Result<std::unique_ptr<ObjectReader>> BackupVault::open_blob(const Sha256& digest) {
  TRY_ASSIGN(const auto key, key_of(blob_name(digest)));
  return store_.open(key);
}

Result<std::unique_ptr<ObjectReader>> BackupVault::open_secret(const BackupId& id, std::size_t number) {
  TRY_ASSIGN(const auto key, key_of(secret_name(id, number)));
  return store_.open(key);
}

Result<void> BackupVault::put_blob(const Sha256& digest, ObjectReader& reader) {
  TRY_ASSIGN(const auto key, key_of(blob_name(digest)));
  return store_.put_from(key, reader);
}

Result<void> BackupVault::put_secret(const BackupId& id, std::size_t number, ObjectReader& reader) {
  TRY_ASSIGN(const auto key, key_of(secret_name(id, number)));
  return store_.put_from(key, reader);
}

Result<void> BackupVault::put_manifest(const BackupManifest& manifest) {
  TRY_ASSIGN(const auto key, key_of(manifest_name(manifest.id)));
  return store_.put(key, manifest_text(manifest));
}

Result<void> BackupVault::remove(const BackupId& id) {
  TRY_ASSIGN(const auto key, key_of(manifest_name(id)));
  TRY(store_.remove(key));
  TRY_ASSIGN(const auto listing, store_.list(std::string(secrets) + "/" + id.text()));
  for (const ObjectInfo& object : listing.objects) TRY(store_.remove(object.key));
  return {};
}

Result<std::uint64_t> BackupVault::remove_unneeded() {
  std::set<std::string> needed;
  TRY_ASSIGN(const auto ids, backups());
  for (const BackupId& id : ids) {
    TRY_ASSIGN(const BackupManifest kept, manifest(id));
    for (const KeptFile& file : kept.files) needed.insert(blob_name(file.sha256));
    for (std::size_t number = 0; number < kept.secrets.size(); ++number) needed.insert(secret_name(id, number));
  }
  std::uint64_t removed = 0;
  for (const std::string_view folder : {blobs_folder, secrets, manifests}) {
    TRY_ASSIGN(const auto listing, store_.list(folder));
    for (const ObjectInfo& object : listing.objects) {
      const bool stays = folder == manifests ? !is_left_over(object.key.file_name()) : needed.contains(object.key.text());
      if (stays) continue;
      TRY(store_.remove(object.key));
      ++removed;
    }
  }
  return removed;
}

}  // namespace packyard
