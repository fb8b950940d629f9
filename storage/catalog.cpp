#include "storage/catalog.h"

#include <array>

#include "storage/sqlite_migrations.h"

namespace packyard {
namespace {

// Times are seconds since 1970. Digests are 32 bytes.
constexpr std::string_view first_schema = R"sql(
CREATE TABLE target (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE              -- rpm/core/2025/el9-x86_64
) STRICT;
CREATE TABLE package (
  id INTEGER PRIMARY KEY,
  staged_sha256 BLOB NOT NULL,
  published_sha256 BLOB NOT NULL,
  size_bytes INTEGER NOT NULL,
  home TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  architecture TEXT NOT NULL,
  file_name TEXT NOT NULL,
  source_name TEXT NOT NULL,
  modularity TEXT NOT NULL,
  record BLOB NOT NULL,
  UNIQUE (staged_sha256, home)
) STRICT;
CREATE INDEX package_file_name ON package (file_name);
CREATE TABLE published_name (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,
  package INTEGER NOT NULL REFERENCES package (id),
  state INTEGER NOT NULL DEFAULT 0       -- NameState
) STRICT;
CREATE INDEX published_name_package ON published_name (package);
CREATE TABLE listing (
  id INTEGER PRIMARY KEY,
  target INTEGER NOT NULL REFERENCES target (id),
  published_name INTEGER NOT NULL REFERENCES published_name (id),
  from_generation INTEGER NOT NULL,
  until_generation INTEGER               -- NULL: still listed
) STRICT;
CREATE INDEX listing_target ON listing (target, until_generation);
CREATE INDEX listing_name ON listing (published_name);
CREATE TABLE supplement (
  id INTEGER PRIMARY KEY,
  target INTEGER NOT NULL REFERENCES target (id),
  name TEXT NOT NULL,
  text BLOB NOT NULL,
  from_generation INTEGER NOT NULL,
  until_generation INTEGER
) STRICT;
CREATE INDEX supplement_target ON supplement (target, name);
CREATE TABLE generation (
  target INTEGER NOT NULL REFERENCES target (id),
  number INTEGER NOT NULL,
  published_at INTEGER NOT NULL,
  contents_sha256 BLOB NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (target, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE index_file (
  target INTEGER NOT NULL REFERENCES target (id),
  generation INTEGER NOT NULL,
  path TEXT NOT NULL,
  PRIMARY KEY (target, generation, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX index_file_path ON index_file (path);
CREATE TABLE release (
  number INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,                 -- ReleaseKind
  published_at INTEGER NOT NULL,
  state INTEGER NOT NULL,                -- ReleaseState
  pinned INTEGER NOT NULL DEFAULT 0,
  superseded_at INTEGER,
  summary TEXT NOT NULL
) STRICT;
CREATE TABLE release_target (
  release INTEGER NOT NULL REFERENCES release (number),
  target INTEGER NOT NULL REFERENCES target (id),
  generation INTEGER NOT NULL,
  PRIMARY KEY (release, target)
) STRICT, WITHOUT ROWID;
CREATE TABLE archive_step (
  id INTEGER PRIMARY KEY,
  from_key TEXT NOT NULL,
  to_key TEXT NOT NULL
) STRICT;
CREATE TABLE removal (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL
) STRICT;
CREATE TABLE journal (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  release INTEGER NOT NULL,
  step TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX journal_release ON journal (release);
)sql";

// What was staged again under its name while a promotion ran must not be archived as if it had been published.
constexpr std::string_view archive_digest = "ALTER TABLE archive_step ADD COLUMN sha256 TEXT NOT NULL DEFAULT ''";

// An image that is signed anew gets a new name; the old one points to it.
constexpr std::string_view superseded_names =
    "ALTER TABLE published_name ADD COLUMN superseded_by INTEGER REFERENCES published_name (id)";

constexpr std::array migrations = {first_schema, archive_digest, superseded_names};

}  // namespace

std::string_view to_string(ReleaseKind kind) {
  switch (kind) {
    case ReleaseKind::promotion: return "promotion";
    case ReleaseKind::rollback: return "rollback";
    case ReleaseKind::withdrawal: return "withdrawal";
    case ReleaseKind::refresh: return "refresh";
  }
  return "promotion";
}

Result<Catalog> Catalog::open(const std::filesystem::path& file, sqlite::Access access) {
  TRY_ASSIGN(auto database, sqlite::Database::open(file, {.access = access}));
  if (access != sqlite::Access::read_only) TRY(sqlite::migrate(database, migrations));
  return Catalog(std::move(database));
}

Result<sqlite::Transaction> Catalog::begin() { return database_.begin(sqlite::TransactionKind::write); }

Result<sqlite::Statement*> Catalog::statement(std::string_view sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return &found->second;
  TRY_ASSIGN(auto prepared, database_.prepare(sql));
  return &statements_.emplace(std::string(sql), std::move(prepared)).first->second;
}

Result<void> Catalog::run(std::string_view sql, sqlite::Values values) {
  TRY_ASSIGN(auto* prepared, statement(sql));
  return prepared->run(values);
}

Result<void> Catalog::visit(std::string_view sql, sqlite::Values values,
                            const std::function<Result<void>(const sqlite::Row&)>& use) {
  TRY_ASSIGN(auto* prepared, statement(sql));
  return prepared->for_each(values, use);
}

Result<std::optional<std::int64_t>> Catalog::integer(std::string_view sql, sqlite::Values values) {
  std::optional<std::int64_t> value;
  TRY(visit(sql, values, [&](const sqlite::Row& row) -> Result<void> {
    value = row.optional_integer(0);
    return {};
  }));
  return value;
}

Result<std::optional<std::int64_t>> Catalog::find_target_row(const TargetId& target) {
  return integer("SELECT id FROM target WHERE name = ?1", {target.text()});
}

Result<std::int64_t> Catalog::target_row(const TargetId& target) {
  TRY_ASSIGN(const auto found, find_target_row(target));
  if (found) return *found;
  TRY(run("INSERT INTO target (name) VALUES (?1)", {target.text()}));
  return database_.last_row_id();
}

}  // namespace packyard
