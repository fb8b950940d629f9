#include "storage/sqlite_key_store.h"

#include <limits>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/guarded.h"
#include "storage/key_query.h"
#include "storage/key_row.h"
#include "storage/key_schema.h"
#include "storage/sqlite_migrations.h"
#include "storage/sqlite_usage_table.h"

namespace packyard {
namespace {

using sqlite::Database;
using sqlite::Row;
using sqlite::Statement;
using sqlite::TransactionKind;

constexpr std::string_view insert_sql =
    "INSERT INTO keys(" PACKYARD_KEY_COLUMNS
    ", generation) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, (SELECT "
    "generation FROM store))";
constexpr std::string_view find_sql = "SELECT " PACKYARD_KEY_COLUMNS " FROM keys WHERE id = ?1";
constexpr std::string_view list_sql = "SELECT " PACKYARD_KEY_COLUMNS " FROM keys ORDER BY created_at, id";
// ?8 is the time for which ?6 is asked; the words are those of storage/key_status.h.
constexpr std::string_view page_sql =
    "SELECT " PACKYARD_KEY_COLUMNS
    " FROM keys WHERE (created_at, id) > (?1, ?2) AND (?3 = '' OR instr(' ' || components || ' ', ' ' || ?3 || ' ') > 0)"
    " AND (?4 = '' OR instr(lower(label), ?4) > 0 OR instr(lower(id), ?4) > 0 OR instr(lower(metadata), ?4) > 0)"
    " AND (?5 IS NULL OR expires_at < ?5)"
    " AND (?6 = '' OR ?6 = CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN suspended_at IS NOT NULL THEN 'suspended'"
    " WHEN expires_at + grace_seconds <= ?8 THEN 'expired' WHEN not_before > ?8 THEN 'not_yet_valid'"
    " WHEN expires_at <= ?8 THEN 'in_grace' ELSE 'active' END)"
    " ORDER BY created_at, id LIMIT ?7";
constexpr std::string_view by_digest_sql =
    "SELECT " PACKYARD_KEY_COLUMNS
    " FROM keys WHERE digest = ?1 OR id = (SELECT key_id FROM former_secrets WHERE former_secrets.digest = ?1)";
constexpr std::string_view changes_sql =
    "SELECT " PACKYARD_KEY_COLUMNS " FROM keys WHERE generation > ?1 ORDER BY generation, id";
constexpr std::string_view revoke_sql =
    "UPDATE keys SET revoked_at = ?2, generation = (SELECT generation FROM store) WHERE id = ?1 AND revoked_at IS NULL";
constexpr std::string_view edit_sql =
    "UPDATE keys SET digest = ?2, pepper_id = ?3, components = ?4, label = ?5, expires_at = ?6, revoked_at = ?7, years = ?8, "
    "formats = ?9, addresses = ?10, not_before = ?11, grace_seconds = ?12, metadata = ?13, suspended_at = ?14, "
    "requests_per_day = ?15, addresses_per_day = ?16, "
    "generation = (SELECT generation FROM store) WHERE id = ?1";
constexpr std::string_view former_of_sql =
    "SELECT digest, pepper_id, valid_until FROM former_secrets WHERE key_id = ?1 ORDER BY valid_until DESC, digest";
constexpr std::string_view all_former_sql =
    "SELECT digest, pepper_id, valid_until, key_id FROM former_secrets ORDER BY valid_until DESC, digest";
constexpr std::string_view forget_former_sql = "DELETE FROM former_secrets WHERE key_id = ?1";
constexpr std::string_view keep_former_sql =
    "INSERT INTO former_secrets(digest, key_id, pepper_id, valid_until) VALUES (?1, ?2, ?3, ?4)";
constexpr std::string_view use_sql =
    "UPDATE keys SET use_count = use_count + ?2, last_used_at = iif(?2 > 0, max(coalesce(last_used_at, ?3), ?3), last_used_at) "
    "WHERE id = ?1";
constexpr std::string_view generation_sql = "SELECT generation FROM store";
constexpr std::string_view raise_sql = "UPDATE store SET generation = generation + 1";
constexpr std::string_view pepper_ids_sql = "SELECT pepper_id FROM keys UNION SELECT pepper_id FROM former_secrets ORDER BY 1";

std::optional<std::int64_t> seconds_of(const std::optional<Timestamp>& time) {
  return time ? std::optional(time->seconds) : std::nullopt;
}

struct State {
  Database database;
  Statement insert, find, list, page, by_digest, changes, revoke, edit, former_of, all_former, forget_former, keep_former, use,
      generation, raise, pepper_ids;
  SqliteUsageTable days;
};

Result<State> prepare_state(Database database) {
  TRY_ASSIGN(auto insert, database.prepare(insert_sql));
  TRY_ASSIGN(auto find, database.prepare(find_sql));
  TRY_ASSIGN(auto list, database.prepare(list_sql));
  TRY_ASSIGN(auto page, database.prepare(page_sql));
  TRY_ASSIGN(auto by_digest, database.prepare(by_digest_sql));
  TRY_ASSIGN(auto changes, database.prepare(changes_sql));
  TRY_ASSIGN(auto revoke, database.prepare(revoke_sql));
  TRY_ASSIGN(auto edit, database.prepare(edit_sql));
  TRY_ASSIGN(auto former_of, database.prepare(former_of_sql));
  TRY_ASSIGN(auto all_former, database.prepare(all_former_sql));
  TRY_ASSIGN(auto forget_former, database.prepare(forget_former_sql));
  TRY_ASSIGN(auto keep_former, database.prepare(keep_former_sql));
  TRY_ASSIGN(auto use, database.prepare(use_sql));
  TRY_ASSIGN(auto generation, database.prepare(generation_sql));
  TRY_ASSIGN(auto raise, database.prepare(raise_sql));
  TRY_ASSIGN(auto pepper_ids, database.prepare(pepper_ids_sql));
  TRY_ASSIGN(auto days, SqliteUsageTable::prepare(database));
  return State{.database = std::move(database),
               .insert = std::move(insert),
               .find = std::move(find),
               .list = std::move(list),
               .page = std::move(page),
               .by_digest = std::move(by_digest),
               .changes = std::move(changes),
               .revoke = std::move(revoke),
               .edit = std::move(edit),
               .former_of = std::move(former_of),
               .all_former = std::move(all_former),
               .forget_former = std::move(forget_former),
               .keep_former = std::move(keep_former),
               .use = std::move(use),
               .generation = std::move(generation),
               .raise = std::move(raise),
               .pepper_ids = std::move(pepper_ids),
               .days = std::move(days)};
}

std::string_view bytes_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

// Few rows are asked for one by one; for many, the whole table is read, which is small beside them.
Result<void> attach_former_secrets(State& state, std::vector<KeyRecord>& records) {
  constexpr std::size_t asked_singly_max = 64;
  const auto read_into = [](std::vector<FormerSecret>& secrets) {
    return [&secrets](const Row& row) -> Result<void> {
      TRY_ASSIGN(auto secret, former_secret_of(row));
      secrets.push_back(std::move(secret));
      return {};
    };
  };
  if (records.size() <= asked_singly_max) {
    for (KeyRecord& record : records) TRY(state.former_of.for_each({record.id.text}, read_into(record.former_secrets)));
    return {};
  }
  std::unordered_map<std::string, std::vector<FormerSecret>> all;
  TRY(state.all_former.for_each({}, [&](const Row& row) { return read_into(all[row.text(3)])(row); }));
  if (all.empty()) return {};
  for (KeyRecord& record : records)
    if (const auto found = all.find(record.id.text); found != all.end()) record.former_secrets = std::move(found->second);
  return {};
}

Result<std::vector<KeyRecord>> read_records(State& state, Statement& statement, sqlite::Values values) {
  std::vector<KeyRecord> records;
  TRY(statement.for_each(values, [&](const Row& row) -> Result<void> {
    TRY_ASSIGN(auto record, key_record_of(row));
    records.push_back(std::move(record));
    return {};
  }));
  TRY(attach_former_secrets(state, records));
  return records;
}

Result<void> keep_former_secrets(State& state, const KeyRecord& record) {
  for (const FormerSecret& secret : record.former_secrets)
    TRY(state.keep_former.run(
        {sqlite::Blob{bytes_of(secret.digest)}, record.id.text, secret.pepper_id, secret.valid_until.seconds}));
  return {};
}

Result<void> insert_record(State& state, const KeyRecord& record) {
  TRY(state.insert.run({record.id.text, sqlite::Blob{bytes_of(record.digest)}, record.pepper_id, component_column(record.scope),
                        record.label, record.created_at.seconds, seconds_of(record.expires_at), seconds_of(record.revoked_at),
                        seconds_of(record.last_used_at), record.use_count, year_column(record.scope), format_column(record.scope),
                        address_column(record.scope), seconds_of(record.not_before), record.grace.count(), record.metadata,
                        seconds_of(record.suspended_at), record.limits.requests_per_day, record.limits.addresses_per_day}));
  return keep_former_secrets(state, record);
}

Result<void> update_record(State& state, const KeyRecord& record) {
  TRY(state.forget_former.run({record.id.text}));
  TRY(state.edit.run({record.id.text, sqlite::Blob{bytes_of(record.digest)}, record.pepper_id, component_column(record.scope),
                      record.label, seconds_of(record.expires_at), seconds_of(record.revoked_at), year_column(record.scope),
                      format_column(record.scope), address_column(record.scope), seconds_of(record.not_before),
                      record.grace.count(), record.metadata, seconds_of(record.suspended_at), record.limits.requests_per_day,
                      record.limits.addresses_per_day}));
  return keep_former_secrets(state, record);
}

// Whether the edit changes the record at all. What it may not touch stays.
bool apply_edit(const KeyEdit& edit, KeyRecord& record) {
  const KeyRecord before = record;
  edit(record);
  record.id = before.id;
  record.created_at = before.created_at;
  record.last_used_at = before.last_used_at;
  record.use_count = before.use_count;
  sort_former_secrets(record.former_secrets);
  return record != before;
}

Result<std::optional<KeyRecord>> read_record(State& state, const KeyId& id) {
  TRY_ASSIGN(auto records, read_records(state, state.find, {id.text}));
  if (records.empty()) return std::optional<KeyRecord>();
  return std::optional(std::move(records.front()));
}

Result<std::uint64_t> read_generation(State& state) {
  std::optional<std::uint64_t> generation;
  TRY(state.generation.for_each({}, [&](const Row& row) -> Result<void> {
    generation = row.unsigned_integer(0);
    return {};
  }));
  if (!generation)
    return fail(ErrorCode::corrupt, "reading the generation of the key database: its row is gone; restore it from a backup");
  return *generation;
}

class SqliteKeyStore final : public KeyStore {
 public:
  explicit SqliteKeyStore(State state) : state_(std::move(state)) {}

  Result<void> insert(const KeyRecord& record) override {
    return in("adding key " + record.id.text, [&](State& state) -> Result<void> {
      TRY_ASSIGN(auto transaction, state.database.begin(TransactionKind::write));
      TRY(state.raise.run());
      TRY(insert_record(state, record));
      return transaction.commit();
    });
  }

  Result<void> insert_all(const std::vector<KeyRecord>& records) override {
    if (records.empty()) return {};
    return in("adding " + std::to_string(records.size()) + " keys", [&](State& state) -> Result<void> {
      TRY_ASSIGN(auto transaction, state.database.begin(TransactionKind::write));
      TRY(state.raise.run());
      for (const KeyRecord& record : records)
        if (auto inserted = insert_record(state, record); !inserted) return fail(inserted.error().in("adding key " + record.id.text));
      return transaction.commit();
    });
  }

  Result<std::optional<KeyRecord>> find(const KeyId& id) override {
    return in("reading key " + id.text, [&](State& state) { return read_record(state, id); });
  }

  Result<std::vector<KeyRecord>> list() override {
    return in("listing keys", [](State& state) { return read_records(state, state.list, {}); });
  }

  Result<KeyPage> list(const KeyQuery& query) override {
    return in("listing keys", [&](State& state) -> Result<KeyPage> {
      const std::int64_t limit = query.limit == 0 ? -1 : static_cast<std::int64_t>(query.limit) + 1;
      const KeyCursor after = query.after.value_or(KeyCursor{Timestamp{std::numeric_limits<std::int64_t>::min()}, {}});
      TRY_ASSIGN(auto records, read_records(state, state.page,
                                            {after.created_at.seconds, after.id.text, query.component ? query.component->text() : "",
                                             lower_case(query.search), seconds_of(query.expires_before),
                                             query.status ? to_string(*query.status) : "", limit, query.now.seconds}));
      return page_of(std::move(records), query.limit);
    });
  }

  Result<std::optional<KeyRecord>> find_by_digest(const Sha256& digest) override {
    return in("finding the key of a digest", [&](State& state) -> Result<std::optional<KeyRecord>> {
      TRY_ASSIGN(auto records, read_records(state, state.by_digest, {sqlite::Blob{bytes_of(digest)}}));
      return records.empty() ? std::nullopt : std::optional(std::move(records.front()));
    });
  }

  Result<std::optional<KeyRecord>> revoke(const KeyId& id, Timestamp now) override {
    return in("revoking key " + id.text, [&](State& state) -> Result<std::optional<KeyRecord>> {
      // Nothing to change needs no write lock, and so succeeds on a full or read-only disk too.
      TRY_ASSIGN(auto before, read_record(state, id));
      if (!before || before->revoked_at) return before;
      TRY_ASSIGN(auto transaction, state.database.begin(TransactionKind::write));
      TRY(state.raise.run());
      TRY(state.revoke.run({id.text, now.seconds}));
      TRY_ASSIGN(auto after, read_record(state, id));
      TRY(transaction.commit());
      return after;
    });
  }

  Result<std::optional<KeyRecord>> edit(const KeyId& id, const KeyEdit& edit) override {
    return in("changing key " + id.text, [&](State& state) -> Result<std::optional<KeyRecord>> {
      // Nothing to change needs no write lock, as with revoke().
      TRY_ASSIGN(auto before, read_record(state, id));
      if (!before || !apply_edit(edit, *before)) return before;
      TRY_ASSIGN(auto transaction, state.database.begin(TransactionKind::write));
      TRY_ASSIGN(auto record, read_record(state, id));
      if (!record || !apply_edit(edit, *record)) return record;
      TRY(state.raise.run());
      TRY(update_record(state, *record));
      TRY(transaction.commit());
      return record;
    });
  }

  Result<std::uint64_t> generation() override {
    return in("reading the generation of the keys", [](State& state) { return read_generation(state); });
  }

  Result<KeyChanges> changes_since(std::uint64_t generation) override {
    return in("reading changed keys", [&](State& state) -> Result<KeyChanges> {
      TRY_ASSIGN(auto transaction, state.database.begin(TransactionKind::read));
      TRY_ASSIGN(const std::uint64_t current, read_generation(state));
      TRY_ASSIGN(auto records, read_records(state, state.changes, {generation}));
      TRY(transaction.commit());
      return KeyChanges{current, std::move(records)};
    });
  }

  Result<void> add_usage(const std::vector<KeyUsage>& usage) override {
    if (usage.empty()) return {};
    return in("recording the use of keys", [&](State& state) -> Result<void> {
      TRY_ASSIGN(auto transaction, state.database.begin(TransactionKind::write));
      for (const KeyUsage& used : usage) {
        TRY(state.use.run({used.id.text, used.uses, used.last_used_at.seconds}));
        if (state.database.changed_rows() > 0) TRY(state.days.add(state.database, used));
      }
      return transaction.commit();
    });
  }

  Result<UsagePage> usage_of(const KeyId& id, const UsageQuery& query) override {
    return in("reading the use of key " + id.text, [&](State& state) { return state.days.read(id, query); });
  }

  Result<DayUse> use_on(const KeyId& id, UtcDay day) override {
    return in("reading the use of key " + id.text, [&](State& state) { return state.days.read_day(id, day); });
  }

  Result<std::vector<LimitedUse>> limited_use_on(UtcDay day) override {
    return in("reading the use of keys with limits", [&](State& state) { return state.days.read_limited(day); });
  }

  Result<void> forget_old_usage(UtcDay today) override {
    return in("forgetting the use of keys long ago", [&](State& state) -> Result<void> {
      for (auto rest = SqliteUsageTable::Rest::some; rest == SqliteUsageTable::Rest::some;) {
        TRY_ASSIGN(auto transaction, state.database.begin(TransactionKind::write));
        TRY_ASSIGN(rest, state.days.forget_old(state.database, today));
        TRY(transaction.commit());
      }
      return {};
    });
  }

  Result<std::vector<std::string>> pepper_ids() override {
    return in("reading which peppers the keys use", [](State& state) -> Result<std::vector<std::string>> {
      std::vector<std::string> ids;
      TRY(state.pepper_ids.for_each({}, [&](const Row& row) -> Result<void> {
        ids.push_back(row.text(0));
        return {};
      }));
      return ids;
    });
  }

 private:
  template <class Use>
  auto in(const std::string& attempted, Use use) -> decltype(use(std::declval<State&>())) {
    // A gate that follows a file nobody writes any more would let revoked keys in.
    auto result = state_.with([&](State& state) -> decltype(use(state)) {
      TRY(state.database.check_in_place());
      return use(state);
    });
    if (!result) return fail(result.error().in(attempted));
    return result;
  }

  Guarded<State> state_;
};

}  // namespace

Result<std::unique_ptr<KeyStore>> open_sqlite_key_store(const std::filesystem::path& file, sqlite::Options options) {
  TRY_ASSIGN(auto database, Database::open(file, options));
  TRY(sqlite::migrate(database, key_schema()));
  TRY(database.check_integrity());
  TRY_ASSIGN(auto state, prepare_state(std::move(database)));
  return std::make_unique<SqliteKeyStore>(std::move(state));
}

}  // namespace packyard
