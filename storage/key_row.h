// A row of the key database as a KeyRecord, and the lists of a scope as the text of a column: names joined by one space, which no
// name holds. Used by the SQLite store alone; third parties stay behind storage/sqlite_database.h. Fails as corrupt for what
// this program never wrote.
#pragma once

#include <string>
#include <string_view>

#include "storage/key_store.h"
#include "storage/sqlite_database.h"

namespace packyard {

// The columns that key_record_of() reads, in its order.
#define PACKYARD_KEY_COLUMNS                                                                                                  \
  "id, digest, pepper_id, components, label, created_at, expires_at, revoked_at, last_used_at, use_count, years, formats, "   \
  "addresses, not_before, grace_seconds, metadata, suspended_at, requests_per_day, addresses_per_day"

// Without its former secrets, which have rows of their own: digest, pepper_id, valid_until.
Result<KeyRecord> key_record_of(const sqlite::Row& row);
Result<FormerSecret> former_secret_of(const sqlite::Row& row);
// The order in which a record has them.
void sort_former_secrets(std::vector<FormerSecret>& secrets);

std::string component_column(const KeyScope& scope);
std::string year_column(const KeyScope& scope);
std::string format_column(const KeyScope& scope);
std::string address_column(const KeyScope& scope);

}  // namespace packyard
