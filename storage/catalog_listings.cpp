// Catalog: what each generation of a target lists.
#include <cstring>

#include "storage/catalog.h"

namespace packyard {

Result<void> Catalog::list(const TargetId& target, std::int64_t name_id, std::uint64_t from_generation) {
  TRY_ASSIGN(const std::int64_t row, target_row(target));
  return run("INSERT INTO listing (target, published_name, from_generation) VALUES (?1, ?2, ?3)",
             {row, name_id, from_generation});
}

Result<void> Catalog::unlist(std::int64_t listing_id, std::uint64_t until_generation) {
  return run("UPDATE listing SET until_generation = ?2 WHERE id = ?1", {listing_id, until_generation});
}

// A listing that ends where it begins: no generation lists the name, and the target still has it.
Result<void> Catalog::hold(const TargetId& target, std::int64_t name_id, std::uint64_t from_generation) {
  TRY_ASSIGN(const std::int64_t row, target_row(target));
  return run("INSERT INTO listing (target, published_name, from_generation, until_generation) VALUES (?1, ?2, ?3, ?3)",
             {row, name_id, from_generation});
}

Result<std::uint64_t> Catalog::first_generation_of(const TargetId& target, std::int64_t name_id) {
  TRY_ASSIGN(const std::int64_t row, target_row(target));
  TRY_ASSIGN(const auto first,
             integer("SELECT MIN(from_generation) FROM listing WHERE target = ?1 AND published_name = ?2", {row, name_id}));
  return static_cast<std::uint64_t>(first.value_or(0));
}

Result<std::vector<Listing>> Catalog::listings(const TargetId& target, std::uint64_t generation) {
  std::vector<Listing> rows;
  TRY_ASSIGN(const auto target_id, find_target_row(target));
  if (!target_id) return rows;
  TRY(
      visit("SELECT l.id, n.id, n.package, n.path, p.name, p.version, p.architecture, p.file_name, p.published_sha256, "
            "p.size_bytes, n.state FROM listing l "
            "JOIN published_name n ON n.id = l.published_name JOIN package p ON p.id = n.package "
            "WHERE l.target = ?1 AND l.from_generation <= ?2 AND (l.until_generation IS NULL OR l.until_generation > ?2) "
            "ORDER BY p.name, p.id",
            {*target_id, generation}, [&](const sqlite::Row& row) -> Result<void> {
              Listing listing{row.integer(0),
                              row.integer(1),
                              row.integer(2),
                              row.text(3),
                              row.text(4),
                              row.text(5),
                              row.text(6),
                              row.text(7),
                              {},
                              row.unsigned_integer(9),
                              static_cast<NameState>(row.integer(10))};
              const std::string digest = row.blob(8);
              if (digest.size() != listing.published.bytes.size())
                return fail(ErrorCode::corrupt, "reading the catalog: a digest is not 32 bytes long");
              std::memcpy(listing.published.bytes.data(), digest.data(), digest.size());
              rows.push_back(std::move(listing));
              return {};
            }));
  return rows;
}

Result<std::vector<TargetId>> Catalog::targets_of_name(std::int64_t name_id) {
  std::vector<TargetId> targets;
  TRY(visit("SELECT DISTINCT t.name FROM listing l JOIN target t ON t.id = l.target WHERE l.published_name = ?1 ORDER BY t.name",
            {name_id}, [&](const sqlite::Row& row) -> Result<void> {
              TRY_ASSIGN(auto target, TargetId::parse(row.text(0)));
              targets.push_back(std::move(target));
              return {};
            }));
  return targets;
}

Result<std::map<std::string, std::string>> Catalog::supplements(const TargetId& target, std::uint64_t generation) {
  std::map<std::string, std::string> texts;
  TRY_ASSIGN(const auto target_id, find_target_row(target));
  if (!target_id) return texts;
  TRY(
      visit("SELECT name, text FROM supplement WHERE target = ?1 AND from_generation <= ?2 "
            "AND (until_generation IS NULL OR until_generation > ?2)",
            {*target_id, generation}, [&](const sqlite::Row& row) -> Result<void> {
              texts[row.text(0)] = row.blob(1);
              return {};
            }));
  return texts;
}

Result<void> Catalog::set_supplement(const TargetId& target, std::string_view name, std::string_view text,
                                     std::uint64_t from_generation) {
  TRY_ASSIGN(const std::int64_t row, target_row(target));
  TRY(run("UPDATE supplement SET until_generation = ?3 WHERE target = ?1 AND name = ?2 AND until_generation IS NULL",
          {row, name, from_generation}));
  return run("INSERT INTO supplement (target, name, text, from_generation) VALUES (?1, ?2, ?3, ?4)",
             {row, name, sqlite::Blob{text}, from_generation});
}

Result<void> Catalog::replace_supplements(const TargetId& target, const std::map<std::string, std::string>& texts,
                                          std::uint64_t generation) {
  TRY_ASSIGN(const std::int64_t row, target_row(target));
  TRY(run("UPDATE supplement SET until_generation = ?2 WHERE target = ?1 AND until_generation IS NULL", {row, generation}));
  for (const auto& [name, text] : texts)
    TRY(run("INSERT INTO supplement (target, name, text, from_generation) VALUES (?1, ?2, ?3, ?4)",
            {row, name, sqlite::Blob{text}, generation}));
  return {};
}

}  // namespace packyard
