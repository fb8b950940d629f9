// Catalog: generations of targets, and the releases that name them.
#include <algorithm>
#include <cstring>

#include "storage/catalog.h"

namespace packyard {
namespace {

constexpr std::string_view select_release =
    "SELECT number, kind, published_at, state, pinned, superseded_at, summary FROM release ";

ReleaseRow release_from(const sqlite::Row& row) {
  ReleaseRow release;
  release.number = row.unsigned_integer(0);
  release.kind = static_cast<ReleaseKind>(row.integer(1));
  release.published_at = Timestamp{row.integer(2)};
  release.state = static_cast<ReleaseState>(row.integer(3));
  release.pinned = row.integer(4) != 0;
  if (const auto superseded = row.optional_integer(5)) release.superseded_at = Timestamp{*superseded};
  release.summary = row.text(6);
  return release;
}

}  // namespace

Result<std::uint64_t> Catalog::newest_generation(const TargetId& target) {
  TRY_ASSIGN(const auto row, find_target_row(target));
  if (!row) return 0;
  TRY_ASSIGN(const auto number, integer("SELECT max(number) FROM generation WHERE target = ?1", {*row}));
  return static_cast<std::uint64_t>(number.value_or(0));
}

Result<void> Catalog::add_generation(const GenerationRow& row) {
  TRY_ASSIGN(const std::int64_t target, target_row(row.target));
  const std::string_view digest(reinterpret_cast<const char*>(row.contents.bytes.data()), row.contents.bytes.size());
  TRY(run("INSERT INTO generation (target, number, published_at, contents_sha256) VALUES (?1, ?2, ?3, ?4)",
          {target, row.number, row.published_at.seconds, sqlite::Blob{digest}}));
  for (const auto& path : row.index_paths)
    TRY(run("INSERT INTO index_file (target, generation, path) VALUES (?1, ?2, ?3)", {target, row.number, path}));
  return {};
}

Result<std::vector<std::uint64_t>> Catalog::generations(const TargetId& target) {
  std::vector<std::uint64_t> numbers;
  TRY_ASSIGN(const auto row_id, find_target_row(target));
  if (!row_id) return numbers;
  TRY(visit("SELECT number FROM generation WHERE target = ?1 AND removed = 0 ORDER BY number", {*row_id},
            [&](const sqlite::Row& row) -> Result<void> {
              numbers.push_back(row.unsigned_integer(0));
              return {};
            }));
  return numbers;
}

Result<Timestamp> Catalog::generation_date(const TargetId& target, std::uint64_t generation) {
  TRY_ASSIGN(const std::int64_t row_id, target_row(target));
  std::optional<Timestamp> date;
  TRY(visit("SELECT published_at FROM generation WHERE target = ?1 AND number = ?2", {row_id, generation},
            [&](const sqlite::Row& row) -> Result<void> {
              date = Timestamp{row.integer(0)};
              return {};
            }));
  if (!date)
    return fail(ErrorCode::corrupt, "reading the catalog: no generation " + std::to_string(generation) + " of " + target.text());
  return *date;
}

Result<Sha256> Catalog::contents_digest(const TargetId& target, std::uint64_t generation) {
  TRY_ASSIGN(const std::int64_t row_id, target_row(target));
  std::optional<Sha256> digest;
  TRY(visit("SELECT contents_sha256 FROM generation WHERE target = ?1 AND number = ?2", {row_id, generation},
            [&](const sqlite::Row& row) -> Result<void> {
              const std::string bytes = row.blob(0);
              if (bytes.size() != 32) return fail(ErrorCode::corrupt, "reading the catalog: a digest is not 32 bytes long");
              digest.emplace();
              std::memcpy(digest->bytes.data(), bytes.data(), bytes.size());
              return {};
            }));
  if (!digest)
    return fail(ErrorCode::corrupt, "reading the catalog: no generation " + std::to_string(generation) + " of " + target.text());
  return *digest;
}

Result<std::vector<std::string>> Catalog::remove_generation(const TargetId& target, std::uint64_t generation) {
  TRY_ASSIGN(const std::int64_t row_id, target_row(target));
  std::vector<std::string> only_here;
  TRY(
      visit("SELECT path FROM index_file f WHERE target = ?1 AND generation = ?2 "
            "AND NOT EXISTS (SELECT 1 FROM index_file o WHERE o.path = f.path AND NOT (o.target = ?1 AND o.generation = ?2))",
            {row_id, generation}, [&](const sqlite::Row& row) -> Result<void> {
              only_here.push_back(row.text(0));
              return {};
            }));
  TRY(run("DELETE FROM index_file WHERE target = ?1 AND generation = ?2", {row_id, generation}));
  TRY(run("UPDATE generation SET removed = 1 WHERE target = ?1 AND number = ?2", {row_id, generation}));
  return only_here;
}

Result<std::vector<TargetId>> Catalog::targets() {
  std::vector<TargetId> targets;
  TRY(visit("SELECT name FROM target ORDER BY name", {}, [&](const sqlite::Row& row) -> Result<void> {
    TRY_ASSIGN(auto target, TargetId::parse(row.text(0)));
    targets.push_back(std::move(target));
    return {};
  }));
  return targets;
}

Result<void> Catalog::add_release(const ReleaseRow& row, const std::map<TargetId, std::uint64_t>& targets) {
  TRY(run("INSERT INTO release (number, kind, published_at, state, pinned, summary) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
          {row.number, static_cast<int>(row.kind), row.published_at.seconds, static_cast<int>(row.state), row.pinned ? 1 : 0,
           row.summary}));
  for (const auto& [target, generation] : targets) {
    TRY_ASSIGN(const std::int64_t target_id, target_row(target));
    TRY(run("INSERT INTO release_target (release, target, generation) VALUES (?1, ?2, ?3)", {row.number, target_id, generation}));
  }
  return {};
}

Result<std::vector<ReleaseRow>> Catalog::select_releases(std::string_view sql, sqlite::Values values) {
  std::vector<ReleaseRow> rows;
  TRY(visit(sql, values, [&](const sqlite::Row& row) -> Result<void> {
    rows.push_back(release_from(row));
    return {};
  }));
  return rows;
}

Result<std::vector<ReleaseRow>> Catalog::releases() {
  return select_releases(std::string(select_release) + "ORDER BY number", {});
}

Result<std::optional<ReleaseRow>> Catalog::find_release(std::uint64_t number) {
  TRY_ASSIGN(auto rows, select_releases(std::string(select_release) + "WHERE number = ?1", {number}));
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

Result<std::optional<ReleaseRow>> Catalog::release_in(ReleaseState state) {
  TRY_ASSIGN(auto rows, select_releases(std::string(select_release) + "WHERE state = ?1 ORDER BY number DESC LIMIT 1",
                                        {static_cast<int>(state)}));
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

Result<std::map<TargetId, std::uint64_t>> Catalog::release_targets(std::uint64_t number) {
  std::map<TargetId, std::uint64_t> targets;
  TRY(visit("SELECT t.name, r.generation FROM release_target r JOIN target t ON t.id = r.target WHERE r.release = ?1", {number},
            [&](const sqlite::Row& row) -> Result<void> {
              TRY_ASSIGN(auto target, TargetId::parse(row.text(0)));
              targets.emplace(std::move(target), row.unsigned_integer(1));
              return {};
            }));
  return targets;
}

Result<std::uint64_t> Catalog::newest_release() {
  TRY_ASSIGN(const auto number, integer("SELECT max(number) FROM release", {}));
  return static_cast<std::uint64_t>(number.value_or(0));
}

Result<void> Catalog::set_live(std::uint64_t number, Timestamp now) {
  TRY(run("UPDATE release SET state = 2, superseded_at = ?2 WHERE state = 1 AND number <> ?1", {number, now.seconds}));
  return run("UPDATE release SET state = 1 WHERE number = ?1", {number});
}

Result<void> Catalog::set_release_state(std::uint64_t number, ReleaseState state) {
  return run("UPDATE release SET state = ?2 WHERE number = ?1", {number, static_cast<int>(state)});
}

Result<void> Catalog::set_pinned(std::uint64_t number, bool pinned) {
  return run("UPDATE release SET pinned = ?2 WHERE number = ?1", {number, pinned ? 1 : 0});
}

}  // namespace packyard
