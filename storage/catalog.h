// Catalog: what the release store holds, in state/catalog.db: packages (staged SHA-256 -> published SHA-256), the names they were
// published under, which generations of a target list them, releases, and the journal. Keeps, decides nothing.
// Content is kept as intervals: a name is listed from generation `from` until generation `until` (not including it).
// One object serves one thread at a time; only the holder of the store's lock writes (promote/store_session.h). Readers in other
// processes see the last commit. Fails as the SQLite layer does (storage/sqlite_database.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "core/names.h"
#include "core/result.h"
#include "core/timestamp.h"
#include "storage/sqlite_database.h"

namespace packyard {

struct CatalogPackage {
  std::int64_t id = 0;
  Sha256 staged;
  Sha256 published;
  std::uint64_t size_bytes = 0;  // of the published bytes
  std::string home;              // target it was staged for, as TargetId::text()
  std::string name, version, architecture, file_name, source_name, modularity;
  std::string record;  // for the index, opaque
};

enum class NameState {
  present = 0,    // the bytes are in pool/
  retired = 1,    // retention removed the bytes; the name stays taken
  withdrawn = 2,  // never listed again
  purged = 3,     // withdrawn and the bytes removed
};

// A name below public/pool that was published once. Rows are never deleted: a name never gets other bytes.
struct PublishedName {
  std::int64_t id = 0;
  std::string path;
  std::int64_t package = 0;
  Sha256 staged, published;
  std::uint64_t size_bytes = 0;
  NameState state = NameState::present;
  std::optional<std::int64_t> superseded_by{};  // the name that stands in its place since it was signed anew
};

// A line of a target's content, without the record.
struct Listing {
  std::int64_t id = 0;
  std::int64_t name_id = 0;
  std::int64_t package = 0;
  std::string path;
  std::string name, version, architecture, file_name;
  Sha256 published;
  std::uint64_t size_bytes = 0;
  NameState state = NameState::present;
};

struct GenerationRow {
  TargetId target;
  std::uint64_t number = 0;
  Timestamp published_at;
  Sha256 contents;                       // of its contents.json
  std::vector<std::string> index_paths;  // files below index/, and below pool/ those of no package, that it needs
};

enum class ReleaseKind { promotion, rollback, withdrawal, refresh };
std::string_view to_string(ReleaseKind kind);

enum class ReleaseState {
  prepared = 0,  // committed, to be finished forwards
  live = 1,      // what `current` points to
  past = 2,      // can be rolled back to
  removed = 3,   // retention took its files
};

struct ReleaseRow {
  std::uint64_t number = 0;
  ReleaseKind kind = ReleaseKind::promotion;
  Timestamp published_at;
  ReleaseState state = ReleaseState::prepared;
  bool pinned = false;
  std::optional<Timestamp> superseded_at;
  std::string summary;  // one line for a person
};

struct ArchiveStep {
  std::string from, to;  // keys in the staging store and in the archive
  std::optional<Sha256> sha256{};  // of the bytes that were taken: others were staged since and stay
};

struct JournalEntry {
  Timestamp at;
  std::uint64_t release = 0;
  std::string step, detail;
};

class Catalog {
 public:
  static Result<Catalog> open(const std::filesystem::path& file, sqlite::Access access = sqlite::Access::create);
  Result<sqlite::Transaction> begin();

  // Packages and names (catalog_packages.cpp).
  Result<std::optional<CatalogPackage>> find_package(const Sha256& staged, std::string_view home);
  Result<CatalogPackage> package(std::int64_t id);
  // A present name that carries these staged bytes, signed already.
  Result<std::optional<PublishedName>> find_signed(const Sha256& staged);
  Result<std::optional<PublishedName>> find_name(std::string_view path);
  Result<std::int64_t> add_package(const CatalogPackage& package);
  Result<std::int64_t> add_name(std::string_view path, std::int64_t package);
  Result<void> set_name_state(std::int64_t name_id, NameState state);
  Result<std::vector<PublishedName>> names_of_file(std::string_view file_name);
  Result<void> supersede(std::int64_t name_id, std::int64_t by_name_id);
  // The name itself, or what stands in its place by now.
  Result<PublishedName> in_force(std::int64_t name_id);

  // What targets list (catalog_listings.cpp).
  Result<void> list(const TargetId& target, std::int64_t name_id, std::uint64_t from_generation);
  Result<void> unlist(std::int64_t listing_id, std::uint64_t until_generation);
  // The target has the name's bytes from this generation on, without listing it.
  Result<void> hold(const TargetId& target, std::int64_t name_id, std::uint64_t from_generation);
  // The first generation that listed or held the name; 0: none.
  Result<std::uint64_t> first_generation_of(const TargetId& target, std::int64_t name_id);
  // By name; versions of one name in no order.
  Result<std::vector<Listing>> listings(const TargetId& target, std::uint64_t generation);
  Result<std::map<std::string, std::string>> supplements(const TargetId& target, std::uint64_t generation);
  Result<void> set_supplement(const TargetId& target, std::string_view name, std::string_view text,
                              std::uint64_t from_generation);
  // Makes the supplements of `generation` those given: others end there.
  Result<void> replace_supplements(const TargetId& target, const std::map<std::string, std::string>& texts,
                                   std::uint64_t generation);
  // Targets that list or once listed a name.
  Result<std::vector<TargetId>> targets_of_name(std::int64_t name_id);
  // Names of a target that none of these generations lists and whose bytes are present.
  Result<std::vector<PublishedName>> unlisted_names(const TargetId& target, const std::vector<std::uint64_t>& generations);

  // Releases and generations (catalog_releases.cpp).
  Result<std::uint64_t> newest_generation(const TargetId& target);  // 0: never published
  Result<void> add_generation(const GenerationRow& row);
  Result<std::vector<std::uint64_t>> generations(const TargetId& target);  // whose files exist, oldest first
  Result<Sha256> contents_digest(const TargetId& target, std::uint64_t generation);
  Result<Timestamp> generation_date(const TargetId& target, std::uint64_t generation);
  // Takes the generation away and gives the index files that only it needed.
  Result<std::vector<std::string>> remove_generation(const TargetId& target, std::uint64_t generation);
  Result<std::vector<TargetId>> targets();
  Result<void> add_release(const ReleaseRow& row, const std::map<TargetId, std::uint64_t>& targets);
  Result<std::vector<ReleaseRow>> releases();  // oldest first, removed ones too
  Result<std::optional<ReleaseRow>> find_release(std::uint64_t number);
  Result<std::optional<ReleaseRow>> release_in(ReleaseState state);  // the newest
  Result<std::map<TargetId, std::uint64_t>> release_targets(std::uint64_t number);
  Result<std::uint64_t> newest_release();
  // The prepared release becomes live, the live one past.
  Result<void> set_live(std::uint64_t number, Timestamp now);
  Result<void> set_release_state(std::uint64_t number, ReleaseState state);
  Result<void> set_pinned(std::uint64_t number, bool pinned);

  // What is still to do after a switch, and what was done (catalog_journal.cpp).
  Result<void> add_archive_step(const ArchiveStep& step);
  Result<std::vector<ArchiveStep>> archive_steps();
  Result<void> clear_archive_steps();
  Result<void> add_removal(std::string_view path);  // below public/, a file or a folder
  Result<std::vector<std::string>> removals();      // in the order they were added
  Result<void> clear_removals();
  Result<void> write_journal(const JournalEntry& entry);
  Result<std::vector<JournalEntry>> journal(std::uint64_t release);

 private:
  explicit Catalog(sqlite::Database database) : database_(std::move(database)) {}
  // Prepared once per text.
  Result<sqlite::Statement*> statement(std::string_view sql);
  Result<void> run(std::string_view sql, sqlite::Values values);
  Result<void> visit(std::string_view sql, sqlite::Values values, const std::function<Result<void>(const sqlite::Row&)>& use);
  Result<std::optional<std::int64_t>> integer(std::string_view sql, sqlite::Values values);
  Result<std::optional<PublishedName>> one_name(std::string_view condition_sql, sqlite::Values values);
  Result<std::vector<ReleaseRow>> select_releases(std::string_view sql, sqlite::Values values);
  // The row of a target; made when absent.
  Result<std::int64_t> target_row(const TargetId& target);
  Result<std::optional<std::int64_t>> find_target_row(const TargetId& target);

  sqlite::Database database_;
  std::map<std::string, sqlite::Statement, std::less<>> statements_;
};

}  // namespace packyard
