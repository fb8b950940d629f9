// StoreSession: the right to change the release store. Opening takes the lock, opens the catalog and finishes or throws away what
// an interrupted command left (promote/recovery.h), so that everything after starts from a whole store. One per process at a
// time.
#pragma once

#include <optional>

#include "promote/press_parts.h"
#include "storage/store_lock.h"
#include "storage/catalog.h"

namespace packyard {

class StoreSession {
 public:
  // conflict when another command holds the store; invalid when state/ and public/ cannot be one store.
  static Result<StoreSession> open(const PressParts& parts);
  Catalog& catalog() { return catalog_; }
  // The release that an earlier, interrupted command had prepared and this one finished.
  std::optional<std::uint64_t> finished_release() const { return finished_release_; }

 private:
  StoreSession(StoreLock lock, Catalog catalog) : lock_(std::move(lock)), catalog_(std::move(catalog)) {}
  StoreLock lock_;
  Catalog catalog_;
  std::optional<std::uint64_t> finished_release_;
};

// For commands that only look: the catalog as last committed, without the lock; unset when there is none yet.
Result<std::optional<Catalog>> open_catalog_to_read(const Settings& settings);

}  // namespace packyard
