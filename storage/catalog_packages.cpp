// Catalog: packages, and the names they were published under.
#include <algorithm>
#include <cstring>

#include "storage/catalog.h"

namespace packyard {
namespace {

sqlite::Blob as_blob(const Sha256& digest) {
  return {std::string_view(reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size())};
}

Result<Sha256> digest_at(const sqlite::Row& row, int column) {
  const std::string bytes = row.blob(column);
  Sha256 digest;
  if (bytes.size() != digest.bytes.size()) return fail(ErrorCode::corrupt, "reading the catalog: a digest is not 32 bytes long");
  std::memcpy(digest.bytes.data(), bytes.data(), bytes.size());
  return digest;
}

constexpr std::string_view select_package =
    "SELECT id, staged_sha256, published_sha256, size_bytes, home, name, version, architecture, file_name, source_name, "
    "modularity, record "
    "FROM package ";

Result<CatalogPackage> package_from(const sqlite::Row& row) {
  CatalogPackage package;
  package.id = row.integer(0);
  TRY_ASSIGN(package.staged, digest_at(row, 1));
  TRY_ASSIGN(package.published, digest_at(row, 2));
  package.size_bytes = row.unsigned_integer(3);
  package.home = row.text(4);
  package.name = row.text(5);
  package.version = row.text(6);
  package.architecture = row.text(7);
  package.file_name = row.text(8);
  package.source_name = row.text(9);
  package.modularity = row.text(10);
  package.record = row.blob(11);
  return package;
}

constexpr std::string_view select_name =
    "SELECT n.id, n.path, n.package, p.staged_sha256, p.published_sha256, p.size_bytes, n.state, n.superseded_by "
    "FROM published_name n JOIN package p ON p.id = n.package ";

Result<PublishedName> name_from(const sqlite::Row& row) {
  PublishedName name;
  name.id = row.integer(0);
  name.path = row.text(1);
  name.package = row.integer(2);
  TRY_ASSIGN(name.staged, digest_at(row, 3));
  TRY_ASSIGN(name.published, digest_at(row, 4));
  name.size_bytes = row.unsigned_integer(5);
  name.state = static_cast<NameState>(row.integer(6));
  name.superseded_by = row.optional_integer(7);
  return name;
}

}  // namespace

Result<std::optional<CatalogPackage>> Catalog::find_package(const Sha256& staged, std::string_view home) {
  std::optional<CatalogPackage> found;
  TRY(visit(std::string(select_package) + "WHERE staged_sha256 = ?1 AND home = ?2", {as_blob(staged), home},
            [&](const sqlite::Row& row) -> Result<void> {
              TRY_ASSIGN(found, package_from(row));
              return {};
            }));
  return found;
}

Result<CatalogPackage> Catalog::package(std::int64_t id) {
  std::optional<CatalogPackage> found;
  TRY(visit(std::string(select_package) + "WHERE id = ?1", {id}, [&](const sqlite::Row& row) -> Result<void> {
    TRY_ASSIGN(found, package_from(row));
    return {};
  }));
  if (!found) return fail(ErrorCode::corrupt, "reading the catalog: no package " + std::to_string(id));
  return std::move(*found);
}

Result<std::optional<PublishedName>> Catalog::one_name(std::string_view condition_sql, sqlite::Values values) {
  std::optional<PublishedName> found;
  TRY(visit(std::string(select_name) + std::string(condition_sql), values, [&](const sqlite::Row& row) -> Result<void> {
    TRY_ASSIGN(found, name_from(row));
    return {};
  }));
  return found;
}

Result<std::optional<PublishedName>> Catalog::find_signed(const Sha256& staged) {
  return one_name("WHERE p.staged_sha256 = ?1 AND n.state = 0 ORDER BY n.id LIMIT 1", {as_blob(staged)});
}

Result<std::optional<PublishedName>> Catalog::find_name(std::string_view path) { return one_name("WHERE n.path = ?1", {path}); }

Result<std::int64_t> Catalog::add_package(const CatalogPackage& package) {
  TRY(
      run("INSERT INTO package (staged_sha256, published_sha256, size_bytes, home, name, version, architecture, file_name, "
          "source_name, "
          "modularity, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
          {as_blob(package.staged), as_blob(package.published), package.size_bytes, package.home, package.name, package.version,
           package.architecture, package.file_name, package.source_name, package.modularity, sqlite::Blob{package.record}}));
  return database_.last_row_id();
}

Result<std::int64_t> Catalog::add_name(std::string_view path, std::int64_t package) {
  TRY(run("INSERT INTO published_name (path, package) VALUES (?1, ?2)", {path, package}));
  return database_.last_row_id();
}

Result<void> Catalog::set_name_state(std::int64_t name_id, NameState state) {
  return run("UPDATE published_name SET state = ?2 WHERE id = ?1", {name_id, static_cast<int>(state)});
}

Result<std::vector<PublishedName>> Catalog::names_of_file(std::string_view file_name) {
  std::vector<PublishedName> names;
  TRY(visit(std::string(select_name) + "WHERE p.file_name = ?1 ORDER BY n.path", {file_name},
            [&](const sqlite::Row& row) -> Result<void> {
              TRY_ASSIGN(auto name, name_from(row));
              names.push_back(std::move(name));
              return {};
            }));
  return names;
}

Result<void> Catalog::supersede(std::int64_t name_id, std::int64_t by_name_id) {
  return run("UPDATE published_name SET superseded_by = ?2 WHERE id = ?1", {name_id, by_name_id});
}

// A name is superseded by one that was added later, so this ends.
Result<PublishedName> Catalog::in_force(std::int64_t name_id) {
  while (true) {
    TRY_ASSIGN(auto name, one_name("WHERE n.id = ?1", {name_id}));
    if (!name) return fail(ErrorCode::corrupt, "reading the catalog: no published name " + std::to_string(name_id));
    if (!name->superseded_by || *name->superseded_by <= name_id) return std::move(*name);
    name_id = *name->superseded_by;
  }
}

Result<std::vector<PublishedName>> Catalog::unlisted_names(const TargetId& target,
                                                           const std::vector<std::uint64_t>& generations) {
  TRY_ASSIGN(const std::int64_t row_id, target_row(target));
  struct Span {
    std::uint64_t from, until;
  };
  // A name lives when one of its spans holds one of the (ascending) generations.
  const auto holds_one = [&](const Span& span) {
    const auto next = std::ranges::lower_bound(generations, span.from);
    return next != generations.end() && *next < span.until;
  };
  std::vector<std::int64_t> dead;
  std::int64_t current = 0;
  bool lives = true;
  const auto close = [&] {
    if (!lives) dead.push_back(current);
  };
  TRY(
      visit("SELECT l.published_name, l.from_generation, l.until_generation FROM listing l JOIN published_name n ON n.id = "
            "l.published_name "
            "WHERE l.target = ?1 AND n.state IN (0, 2) ORDER BY l.published_name",
            {row_id}, [&](const sqlite::Row& row) -> Result<void> {
              if (row.integer(0) != current) {
                close();
                current = row.integer(0);
                lives = false;
              }
              lives = lives || holds_one({row.unsigned_integer(1), row.is_null(2) ? UINT64_MAX : row.unsigned_integer(2)});
              return {};
            }));
  close();
  std::vector<PublishedName> names;
  for (const std::int64_t id : dead) {
    TRY_ASSIGN(auto name, one_name("WHERE n.id = ?1", {id}));
    names.push_back(std::move(*name));
  }
  return names;
}

}  // namespace packyard
