#include "storage/sqlite_key_store.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/guarded.h"
#include "storage/sqlite_migrations.h"

namespace packyard {
namespace {

using sqlite::Database;
using sqlite::Row;
using sqlite::Statement;
using sqlite::TransactionKind;

constexpr std::array<std::string_view, 1> migrations = {R"sql(
CREATE TABLE keys(
  id           TEXT PRIMARY KEY,
  digest       BLOB NOT NULL UNIQUE CHECK(length(digest) = 32),
  pepper_id    TEXT NOT NULL,
  component    TEXT NOT NULL,
  label        TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  revoked_at   INTEGER,
  last_used_at INTEGER,
  use_count    INTEGER NOT NULL,
  generation   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_by_generation ON keys(generation);
CREATE TABLE store(only_row INTEGER PRIMARY KEY CHECK(only_row = 1), generation INTEGER NOT NULL) STRICT;
INSERT INTO store VALUES (1, 0);
)sql"};

#define PACKYARD_KEY_COLUMNS \
  "id, digest, pepper_id, component, label, created_at, expires_at, revoked_at, last_used_at, use_count"

constexpr std::string_view insert_sql =
    "INSERT INTO keys(" PACKYARD_KEY_COLUMNS
    ", generation) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, (SELECT generation FROM store))";
constexpr std::string_view find_sql = "SELECT " PACKYARD_KEY_COLUMNS " FROM keys WHERE id = ?1";
constexpr std::string_view list_sql = "SELECT " PACKYARD_KEY_COLUMNS " FROM keys ORDER BY created_at, id";
constexpr std::string_view changes_sql =
    "SELECT " PACKYARD_KEY_COLUMNS " FROM keys WHERE generation > ?1 ORDER BY generation, id";
constexpr std::string_view revoke_sql =
    "UPDATE keys SET revoked_at = ?2, generation = (SELECT generation FROM store) WHERE id = ?1 AND revoked_at IS NULL";
constexpr std::string_view use_sql =
    "UPDATE keys SET use_count = use_count + ?2, last_used_at = max(coalesce(last_used_at, ?3), ?3) WHERE id = ?1";
constexpr std::string_view generation_sql = "SELECT generation FROM store";
constexpr std::string_view raise_sql = "UPDATE store SET generation = generation + 1";
constexpr std::string_view pepper_ids_sql = "SELECT DISTINCT pepper_id FROM keys ORDER BY pepper_id";

#undef PACKYARD_KEY_COLUMNS

std::optional<std::int64_t> seconds_of(const std::optional<Timestamp>& time) {
  return time ? std::optional(time->seconds) : std::nullopt;
}

std::optional<Timestamp> optional_time(const Row& row, int column) {
  const auto seconds = row.optional_integer(column);
  return seconds ? std::optional(Timestamp{*seconds}) : std::nullopt;
}

Result<KeyRecord> record_of(const Row& row) {
  const std::string id = row.text(0);
  const std::string digest_bytes = row.blob(1);
  auto component = ComponentName::parse(row.text(3));
  Sha256 digest;
  if (!component || digest_bytes.size() != digest.bytes.size())
    return fail(ErrorCode::corrupt,
                "reading key " + id + ": its component or digest is damaged; restore the key database from a backup");
  std::ranges::transform(digest_bytes, digest.bytes.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return KeyRecord{.id = KeyId{id},
                   .digest = digest,
                   .pepper_id = row.text(2),
                   .component = std::move(*component),
                   .label = row.text(4),
                   .created_at = Timestamp{row.integer(5)},
                   .expires_at = optional_time(row, 6),
                   .revoked_at = optional_time(row, 7),
                   .last_used_at = optional_time(row, 8),
                   .use_count = row.unsigned_integer(9)};
}

struct State {
  Database database;
  Statement insert, find, list, changes, revoke, use, generation, raise, pepper_ids;
};

Result<State> prepare_state(Database database) {
  TRY_ASSIGN(auto insert, database.prepare(insert_sql));
  TRY_ASSIGN(auto find, database.prepare(find_sql));
  TRY_ASSIGN(auto list, database.prepare(list_sql));
  TRY_ASSIGN(auto changes, database.prepare(changes_sql));
  TRY_ASSIGN(auto revoke, database.prepare(revoke_sql));
  TRY_ASSIGN(auto use, database.prepare(use_sql));
  TRY_ASSIGN(auto generation, database.prepare(generation_sql));
  TRY_ASSIGN(auto raise, database.prepare(raise_sql));
  TRY_ASSIGN(auto pepper_ids, database.prepare(pepper_ids_sql));
  return State{std::move(database), std::move(insert), std::move(find),       std::move(list),  std::move(changes),
               std::move(revoke),   std::move(use),    std::move(generation), std::move(raise), std::move(pepper_ids)};
}

Result<std::vector<KeyRecord>> read_records(Statement& statement, sqlite::Values values) {
  std::vector<KeyRecord> records;
  TRY(statement.for_each(values, [&](const Row& row) -> Result<void> {
    TRY_ASSIGN(auto record, record_of(row));
    records.push_back(std::move(record));
    return {};
  }));
  return records;
}

Result<std::optional<KeyRecord>> read_record(State& state, const KeyId& id) {
  TRY_ASSIGN(auto records, read_records(state.find, {id.text}));
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
      const std::string_view digest(reinterpret_cast<const char*>(record.digest.bytes.data()), record.digest.bytes.size());
      TRY_ASSIGN(auto transaction, state.database.begin(TransactionKind::write));
      TRY(state.raise.run());
      TRY(state.insert.run({record.id.text, sqlite::Blob{digest}, record.pepper_id, record.component.text(), record.label,
                            record.created_at.seconds, seconds_of(record.expires_at), seconds_of(record.revoked_at),
                            seconds_of(record.last_used_at), record.use_count}));
      return transaction.commit();
    });
  }

  Result<std::optional<KeyRecord>> find(const KeyId& id) override {
    return in("reading key " + id.text, [&](State& state) { return read_record(state, id); });
  }

  Result<std::vector<KeyRecord>> list() override {
    return in("listing keys", [](State& state) { return read_records(state.list, {}); });
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

  Result<std::uint64_t> generation() override {
    return in("reading the generation of the keys", [](State& state) { return read_generation(state); });
  }

  Result<KeyChanges> changes_since(std::uint64_t generation) override {
    return in("reading changed keys", [&](State& state) -> Result<KeyChanges> {
      TRY_ASSIGN(auto transaction, state.database.begin(TransactionKind::read));
      TRY_ASSIGN(const std::uint64_t current, read_generation(state));
      TRY_ASSIGN(auto records, read_records(state.changes, {generation}));
      TRY(transaction.commit());
      return KeyChanges{current, std::move(records)};
    });
  }

  Result<void> add_usage(const std::vector<KeyUsage>& usage) override {
    if (usage.empty()) return {};
    return in("recording the use of keys", [&](State& state) -> Result<void> {
      TRY_ASSIGN(auto transaction, state.database.begin(TransactionKind::write));
      for (const KeyUsage& used : usage) TRY(state.use.run({used.id.text, used.uses, used.last_used_at.seconds}));
      return transaction.commit();
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
  TRY(sqlite::migrate(database, migrations));
  TRY(database.check_integrity());
  TRY_ASSIGN(auto state, prepare_state(std::move(database)));
  return std::make_unique<SqliteKeyStore>(std::move(state));
}

}  // namespace packyard
