// The KeyStore in an SQLite file: one machine, several processes. Each change and the store's generation move in one transaction,
// so that what changes_since() returns is complete up to the generation it names. Thread-safe: calls take turns on one
// connection. Failures as storage/sqlite_database.h says; a row that cannot be read back is corrupt.
#pragma once

#include <filesystem>
#include <memory>

#include "core/result.h"
#include "storage/key_store.h"
#include "storage/sqlite_database.h"

namespace packyard {

// Makes the file (mode 0600) unless access says otherwise, brings it to the newest version, checks it for damage.
Result<std::unique_ptr<KeyStore>> open_sqlite_key_store(const std::filesystem::path& file, sqlite::Options options = {});

}  // namespace packyard
