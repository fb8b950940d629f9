// Brings a database to the newest version: steps[n] takes it from version n to n + 1 (PRAGMA user_version). Steps once released
// never change; new ones are added at the end. All or nothing, and two processes may start at once.
// Fails as invalid when the database is newer than the program knows.
#pragma once

#include <span>
#include <string_view>

#include "core/result.h"
#include "storage/sqlite_database.h"

namespace packyard::sqlite {

Result<void> migrate(Database& database, std::span<const std::string_view> steps);

}  // namespace packyard::sqlite
