// SqliteUsageTable: the rows of the key database about how keys were used by day. Part of the SQLite KeyStore, which gives it its
// connection and turns; calls that write stand in a transaction of the caller's. Fails as storage/sqlite_database.h says, and as
// corrupt for what this program never wrote.
#pragma once

#include "core/result.h"
#include "storage/key_usage.h"
#include "storage/sqlite_database.h"

namespace packyard {

class SqliteUsageTable {
 public:
  static Result<SqliteUsageTable> prepare(sqlite::Database& database);

  // The key must be there.
  Result<void> add(const sqlite::Database& database, const KeyUsage& usage);
  Result<UsagePage> read(const KeyId& id, const UsageQuery& query);
  Result<DayUse> read_day(const KeyId& id, UtcDay day);
  Result<std::vector<LimitedUse>> read_limited(UtcDay day);
  // A bounded part of what is old, so that nobody waits long to write: again while some is left.
  enum class Rest { none, some };
  Result<Rest> forget_old(const sqlite::Database& database, UtcDay today);

 private:
  // What a day holds of its sets.
  struct Sets {
    std::uint64_t addresses = 0;
    std::vector<std::string> clients{};
  };
  struct Statements {
    sqlite::Statement add, sets, add_address, read, requests, addresses, limited, forget_days, forget_addresses;
  };
  explicit SqliteUsageTable(Statements statements) : statements_(std::move(statements)) {}
  Result<Sets> read_sets(const KeyId& id, UtcDay day);
  Result<void> add_addresses(const sqlite::Database& database, const KeyUsage& usage, UtcDay day, Sets& sets);

  Statements statements_;
};

}  // namespace packyard
