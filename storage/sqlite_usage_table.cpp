#include "storage/sqlite_usage_table.h"

#include <cstring>
#include <limits>
#include <utility>

namespace packyard {
namespace {

using sqlite::Row;

constexpr std::string_view add_sql =
    "INSERT INTO usage_days(key_id, day, requests, denied, first_at, last_at, addresses, clients)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7) ON CONFLICT(key_id, day) DO UPDATE SET"
    " requests = requests + excluded.requests, denied = denied + excluded.denied,"
    " first_at = min(coalesce(first_at, excluded.first_at), coalesce(excluded.first_at, first_at)),"
    " last_at = max(coalesce(last_at, excluded.last_at), coalesce(excluded.last_at, last_at)),"
    " addresses = excluded.addresses, clients = excluded.clients";
constexpr std::string_view sets_sql = "SELECT addresses, clients FROM usage_days WHERE key_id = ?1 AND day = ?2";
constexpr std::string_view add_address_sql = "INSERT OR IGNORE INTO usage_addresses(key_id, day, address) VALUES (?1, ?2, ?3)";
constexpr std::string_view read_sql =
    "SELECT day, requests, denied, first_at, last_at, addresses, clients FROM usage_days"
    " WHERE key_id = ?1 AND day > ?2 AND day BETWEEN ?3 AND ?4 ORDER BY day LIMIT ?5";
constexpr std::string_view requests_sql = "SELECT requests FROM usage_days WHERE key_id = ?1 AND day = ?2";
constexpr std::string_view addresses_sql = "SELECT address FROM usage_addresses WHERE key_id = ?1 AND day = ?2";
// In this order: few keys have limits, many may have been used.
constexpr std::string_view limited_sql =
    "SELECT usage_days.key_id, usage_days.requests, usage_days.addresses FROM keys CROSS JOIN usage_days"
    " ON usage_days.key_id = keys.id AND usage_days.day = ?1"
    " WHERE keys.requests_per_day IS NOT NULL OR keys.addresses_per_day IS NOT NULL";
constexpr std::string_view forget_days_sql =
    "DELETE FROM usage_days WHERE (key_id, day) IN (SELECT key_id, day FROM usage_days WHERE day < ?1 LIMIT ?2)";
constexpr std::string_view forget_addresses_sql =
    "DELETE FROM usage_addresses WHERE (day, key_id, address) IN"
    " (SELECT day, key_id, address FROM usage_addresses WHERE day < ?1 LIMIT ?2)";
constexpr std::int64_t forgotten_at_once_max = 10'000;

// Clients lie in one column, a line each.
std::string joined(const std::vector<std::string>& clients) {
  std::string text;
  for (const std::string& client : clients) text += (text.empty() ? "" : "\n") + client;
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::optional<Timestamp> optional_time(const Row& row, int column) {
  const auto seconds = row.optional_integer(column);
  return seconds ? std::optional(Timestamp{*seconds}) : std::nullopt;
}

UsageDay usage_day_of(const Row& row) {
  return UsageDay{.day = UtcDay{row.integer(0)},
                  .requests = row.unsigned_integer(1),
                  .denied = row.unsigned_integer(2),
                  .first_at = optional_time(row, 3),
                  .last_at = optional_time(row, 4),
                  .addresses = row.unsigned_integer(5),
                  .clients = split(row.text(6))};
}

Result<IpAddress> address_of(const std::string& bytes) {
  IpAddress address;
  if (bytes.size() != address.bytes.size())
    return fail(ErrorCode::corrupt, "reading an address: it is damaged; restore the key database from a backup");
  std::memcpy(address.bytes.data(), bytes.data(), bytes.size());
  return address;
}

sqlite::Blob bytes_of(const IpAddress& address) {
  return {{reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()}};
}

}  // namespace

Result<SqliteUsageTable> SqliteUsageTable::prepare(sqlite::Database& database) {
  TRY_ASSIGN(auto add, database.prepare(add_sql));
  TRY_ASSIGN(auto sets, database.prepare(sets_sql));
  TRY_ASSIGN(auto add_address, database.prepare(add_address_sql));
  TRY_ASSIGN(auto read, database.prepare(read_sql));
  TRY_ASSIGN(auto requests, database.prepare(requests_sql));
  TRY_ASSIGN(auto addresses, database.prepare(addresses_sql));
  TRY_ASSIGN(auto limited, database.prepare(limited_sql));
  TRY_ASSIGN(auto forget_days, database.prepare(forget_days_sql));
  TRY_ASSIGN(auto forget_addresses, database.prepare(forget_addresses_sql));
  return SqliteUsageTable({.add = std::move(add),
                           .sets = std::move(sets),
                           .add_address = std::move(add_address),
                           .read = std::move(read),
                           .requests = std::move(requests),
                           .addresses = std::move(addresses),
                           .limited = std::move(limited),
                           .forget_days = std::move(forget_days),
                           .forget_addresses = std::move(forget_addresses)});
}

Result<SqliteUsageTable::Sets> SqliteUsageTable::read_sets(const KeyId& id, UtcDay day) {
  Sets sets;
  TRY(statements_.sets.for_each({id.text, day.number}, [&](const Row& row) -> Result<void> {
    sets = {row.unsigned_integer(0), split(row.text(1))};
    return {};
  }));
  return sets;
}

Result<void> SqliteUsageTable::add_addresses(const sqlite::Database& database, const KeyUsage& usage, UtcDay day, Sets& sets) {
  for (const IpAddress& address : usage.addresses) {
    if (sets.addresses >= addresses_a_day_max) return {};
    TRY(statements_.add_address.run({usage.id.text, day.number, bytes_of(address)}));
    if (database.changed_rows() > 0) ++sets.addresses;
  }
  return {};
}

Result<void> SqliteUsageTable::add(const sqlite::Database& database, const KeyUsage& usage) {
  const UtcDay day = UtcDay::of(usage.last_used_at);
  TRY_ASSIGN(Sets sets, read_sets(usage.id, day));
  TRY(add_addresses(database, usage, day, sets));
  sets.clients = unite_clients(std::move(sets.clients), usage.clients);
  const auto used_at = usage.uses > 0 ? std::optional(usage.last_used_at.seconds) : std::nullopt;
  return statements_.add.run(
      {usage.id.text, day.number, usage.uses, usage.denied, used_at, sets.addresses, joined(sets.clients)});
}

Result<UsagePage> SqliteUsageTable::read(const KeyId& id, const UsageQuery& query) {
  constexpr UtcDay before_all{std::numeric_limits<std::int64_t>::min()}, after_all{std::numeric_limits<std::int64_t>::max()};
  const std::int64_t limit = query.limit == 0 ? -1 : static_cast<std::int64_t>(query.limit) + 1;
  std::vector<UsageDay> days;
  TRY(statements_.read.for_each({id.text, query.after.value_or(before_all).number, query.from.value_or(before_all).number,
                                 query.to.value_or(after_all).number, limit},
                                [&](const Row& row) -> Result<void> {
                                  days.push_back(usage_day_of(row));
                                  return {};
                                }));
  return usage_page_of(std::move(days), query.limit);
}

Result<DayUse> SqliteUsageTable::read_day(const KeyId& id, UtcDay day) {
  DayUse use;
  TRY(statements_.requests.for_each({id.text, day.number}, [&](const Row& row) -> Result<void> {
    use.requests = row.unsigned_integer(0);
    return {};
  }));
  TRY(statements_.addresses.for_each({id.text, day.number}, [&](const Row& row) -> Result<void> {
    TRY_ASSIGN(const IpAddress address, address_of(row.blob(0)));
    use.addresses.push_back(address);
    return {};
  }));
  return use;
}

Result<std::vector<LimitedUse>> SqliteUsageTable::read_limited(UtcDay day) {
  std::vector<LimitedUse> all;
  TRY(statements_.limited.for_each({day.number}, [&](const Row& row) -> Result<void> {
    all.push_back({KeyId{row.text(0)}, row.unsigned_integer(1), row.unsigned_integer(2)});
    return {};
  }));
  return all;
}

Result<SqliteUsageTable::Rest> SqliteUsageTable::forget_old(const sqlite::Database& database, UtcDay today) {
  TRY(statements_.forget_days.run({today.before(usage_days_max).number, forgotten_at_once_max}));
  const bool days_are_left = database.changed_rows() == forgotten_at_once_max;
  TRY(statements_.forget_addresses.run({today.before(address_days_max).number, forgotten_at_once_max}));
  return days_are_left || database.changed_rows() == forgotten_at_once_max ? Rest::some : Rest::none;
}

}  // namespace packyard
