#include "backup/store_snapshot.h"

#include <charconv>

#include "backup/tree_listing.h"
#include "core/durable_file.h"
#include "core/tree_path.h"
#include "storage/catalog.h"
#include "storage/store_lock.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

Result<void> add_tree(StoreSnapshot& snapshot, std::string_view area, const fs::path& folder) {
  TRY_ASSIGN(const auto listing, list_tree(folder));
  const auto kept = [&](const std::string& path) -> Result<KeptPath> {
    auto parsed = KeptPath::parse(std::string(area) + "/" + path);
    if (!parsed)
      return fail(ErrorCode::invalid, (folder / path).string() + " cannot be kept under its name: " + parsed.error().message);
    return parsed;
  };
  for (const ListedFile& file : listing.files) {
    TRY_ASSIGN(KeptPath path, kept(file.path));
    snapshot.files.push_back({std::move(path), folder / file.path, file.size_bytes, file.modified_ns});
  }
  for (const ListedLink& link : listing.links) {
    TRY_ASSIGN(KeptPath path, kept(link.path));
    if (!stays_inside(path, link.target))
      return fail(ErrorCode::invalid,
                  "the link " + (folder / link.path).string() + " leaves its folder: put the file itself there");
    snapshot.links.push_back({std::move(path), link.target});
  }
  return {};
}

// The number that the link `current` names.
std::optional<std::uint64_t> release_of(const StoreSnapshot& snapshot) {
  for (const SnapshotLink& link : snapshot.links) {
    if (link.path.text() != std::string(kept_area::published) + "/current") continue;
    const std::size_t digits = link.target.rfind('/') + 1;
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(link.target.data() + digits, link.target.data() + link.target.size(), number);
    if (failure == std::errc() && tree_path::release(number) == link.target) return number;
  }
  return std::nullopt;
}

// Catalog and the candidate of a prepared release, where there is one.
Result<void> add_catalog(StoreSnapshot& snapshot, const StorePlaces& places, const fs::path& folder) {
  auto copy = copy_database(places.catalog, std::string(kept_area::state) + "/catalog.db", folder);
  if (!copy && copy.error().code == ErrorCode::not_found) return {};
  if (!copy) return fail(copy.error());
  TRY_ASSIGN(auto catalog, Catalog::open(copy->file, sqlite::Access::read_only));
  snapshot.catalog = std::move(*copy);
  TRY_ASSIGN(const auto prepared, catalog.release_in(ReleaseState::prepared));
  if (!prepared) return {};
  const std::string candidate = fs::path(tree_path::release(prepared->number)).filename().string();
  return add_tree(snapshot, std::string(kept_area::state) + "/incoming/" + candidate, places.incoming / candidate);
}

}  // namespace

Result<StoreSnapshot> take_snapshot(const StorePlaces& places, const fs::path& folder, Clock& clock,
                                    std::chrono::seconds wait_max) {
  TRY_ASSIGN(const auto lock, StoreLock::take_to_look(places.lock, clock, wait_max));
  StoreSnapshot snapshot;
  TRY(add_catalog(snapshot, places, folder));
  TRY(add_tree(snapshot, kept_area::published, places.published));
  TRY(add_tree(snapshot, kept_area::public_keys, places.public_keys));
  snapshot.release = release_of(snapshot);
  return snapshot;
}

}  // namespace packyard
