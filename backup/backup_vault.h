// BackupVault: how backups lie in an object store. A backup is there when its manifest is, which is put last and removed first;
// blobs are shared by all backups and go only when no manifest names them. One writer at a time; one thread.
//   manifests/<id>                   storage of everything else hangs on these
//   secrets/<id>/0007                sealed
//   blobs/ab/abcdef…                 public bytes under their SHA-256, once
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backup/backup_manifest.h"
#include "storage/object_store.h"

namespace packyard {

class BackupVault {
 public:
  explicit BackupVault(ObjectStore& store) : store_(store) {}
  std::string description() const { return store_.description(); }

  Result<std::vector<BackupId>> backups();  // whole ones, oldest first
  // not_found, or corrupt with the manifest's name.
  Result<BackupManifest> manifest(const BackupId& id);
  // Digest and size of what is there; whatever its bytes are by now.
  Result<std::map<Sha256, std::uint64_t>> blobs();
  Result<std::unique_ptr<ObjectReader>> open_blob(const Sha256& digest);
  Result<std::unique_ptr<ObjectReader>> open_secret(const BackupId& id, std::size_t number);

  Result<void> put_blob(const Sha256& digest, ObjectReader& reader);
  Result<void> put_secret(const BackupId& id, std::size_t number, ObjectReader& reader);
  // From here on the backup exists.
  Result<void> put_manifest(const BackupManifest& manifest);

  Result<void> remove(const BackupId& id);
  // Removes what no manifest names: blobs, secrets and what interrupted runs left. Nothing when a manifest cannot be read. Gives
  // the number of objects.
  Result<std::uint64_t> remove_unneeded();

  static std::string blob_name(const Sha256& digest);
  static std::string secret_name(const BackupId& id, std::size_t number);
  static std::string manifest_name(const BackupId& id);

 private:
  ObjectStore& store_;
};

}  // namespace packyard
