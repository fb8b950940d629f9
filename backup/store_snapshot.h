// StoreSnapshot: the release store at one moment: a copy of the catalog, and what lies in public/ and among the public keys.
// Taken under the store's lock, which a running promotion is waited for, so that catalog and folders agree and no release is half
// there; the lock is given back before anything is copied, since nothing published ever changes under its name. What retention or
// a purge removes meanwhile is seen when it is copied; then the next snapshot is taken. A release that an interrupted promotion
// left prepared is kept with its candidate: the next promotion after a restore finishes it.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backup/kept_path.h"
#include "backup/secret_copies.h"
#include "core/clock.h"
#include "core/result.h"

namespace packyard {

struct StorePlaces {
  std::filesystem::path published, public_keys;
  std::filesystem::path catalog;   // state/catalog.db
  std::filesystem::path lock;      // state/promote.lock
  std::filesystem::path incoming;  // state/incoming
};

struct SnapshotFile {
  KeptPath path;
  std::filesystem::path file;
  std::uint64_t size_bytes = 0;
  std::uint64_t modified_ns = 0;
};

struct SnapshotLink {
  KeptPath path;
  std::string target;
};

struct StoreSnapshot {
  std::optional<SecretCopy> catalog;     // unset: nothing was ever promoted
  std::optional<std::uint64_t> release;  // what `current` points to
  std::vector<SnapshotFile> files;
  std::vector<SnapshotLink> links;
};

// The copy of the catalog goes into `folder`. conflict when others change the store for longer than wait_max.
Result<StoreSnapshot> take_snapshot(const StorePlaces& places, const std::filesystem::path& folder, Clock& clock,
                                    std::chrono::seconds wait_max);

}  // namespace packyard
