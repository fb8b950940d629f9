// Catalog: what is still to do after a switch, and what was done.
#include "storage/catalog.h"

namespace packyard {

Result<void> Catalog::add_archive_step(const ArchiveStep& step) {
  const std::string digest = step.sha256 ? step.sha256->hex() : std::string();
  return run("INSERT INTO archive_step (from_key, to_key, sha256) VALUES (?1, ?2, ?3)", {step.from, step.to, digest});
}

Result<std::vector<ArchiveStep>> Catalog::archive_steps() {
  std::vector<ArchiveStep> steps;
  TRY(visit("SELECT from_key, to_key, sha256 FROM archive_step ORDER BY id", {}, [&](const sqlite::Row& row) -> Result<void> {
    ArchiveStep step{row.text(0), row.text(1)};
    if (const auto digest = Sha256::parse_hex(row.text(2))) step.sha256 = *digest;
    steps.push_back(std::move(step));
    return {};
  }));
  return steps;
}

Result<void> Catalog::clear_archive_steps() { return run("DELETE FROM archive_step", {}); }

Result<void> Catalog::add_removal(std::string_view path) { return run("INSERT INTO removal (path) VALUES (?1)", {path}); }

Result<std::vector<std::string>> Catalog::removals() {
  std::vector<std::string> paths;
  TRY(visit("SELECT path FROM removal ORDER BY id", {}, [&](const sqlite::Row& row) -> Result<void> {
    paths.push_back(row.text(0));
    return {};
  }));
  return paths;
}

Result<void> Catalog::clear_removals() { return run("DELETE FROM removal", {}); }

Result<void> Catalog::write_journal(const JournalEntry& entry) {
  return run("INSERT INTO journal (at, release, step, detail) VALUES (?1, ?2, ?3, ?4)",
             {entry.at.seconds, entry.release, entry.step, entry.detail});
}

Result<std::vector<JournalEntry>> Catalog::journal(std::uint64_t release) {
  std::vector<JournalEntry> entries;
  TRY(visit("SELECT at, release, step, detail FROM journal WHERE release = ?1 ORDER BY id", {release},
            [&](const sqlite::Row& row) -> Result<void> {
              entries.push_back({Timestamp{row.integer(0)}, row.unsigned_integer(1), row.text(2), row.text(3)});
              return {};
            }));
  return entries;
}

}  // namespace packyard
