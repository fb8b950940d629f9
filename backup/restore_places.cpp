#include "backup/restore_places.h"

#include <algorithm>

#include "backup/tree_listing.h"
#include "core/durable_file.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

// What commands leave in a state folder that holds nothing yet.
bool is_nobodys(std::string_view path) {
  return path == "promote.lock" || path == "backup.lock" || path.starts_with("metrics/") || path.starts_with("restored/") ||
         path.starts_with("audit-");  // goes on, and tells of what was there before
}

Result<void> demand_empty(const fs::path& folder) {
  TRY_ASSIGN(const auto listing, list_tree(folder));
  const auto refuse = [&](const std::string& path) {
    return fail(ErrorCode::conflict,
                (folder / path).string() +
                    " is there: a restore overwrites nothing; stop what uses this folder and move away what it "
                    "holds, or restore elsewhere with --into");
  };
  for (const ListedFile& file : listing.files)
    if (!is_nobodys(file.path)) return refuse(file.path);
  if (!listing.links.empty()) return refuse(listing.links.front().path);
  return {};
}

Result<void> demand_same_or_absent(const fs::path& file, const KeptFile& kept) {
  const auto digest = digest_file(file);
  if (!digest && digest.error().code == ErrorCode::not_found) return {};
  if (digest && digest->sha256 == kept.sha256) return {};
  return fail(ErrorCode::conflict,
              file.string() + " is there and differs from the one in the backup: move it away, or restore elsewhere with --into");
}

}  // namespace

RestorePlaces RestorePlaces::below(const fs::path& folder) {
  return {folder / "public", folder / "state", folder / "state", folder / "public_keys", folder / "settings", folder / "also"};
}

fs::path RestorePlaces::of(const KeptPath& path) const {
  const fs::path below(path.below());
  if (path.area() == kept_area::published) return published / below;
  if (path.area() == kept_area::state) return state / below;
  if (path.area() == kept_area::keys) return keys / below;
  if (path.area() == kept_area::public_keys) return public_keys / below;
  if (path.area() == kept_area::settings) return settings / below;
  return also / below;
}

Result<void> check_places(const RestorePlaces& places, const BackupManifest& manifest) {
  constexpr std::size_t marker_bytes_max = 1000;
  const auto begun = read_small_file(places.marker(), marker_bytes_max);
  if (begun && *begun == manifest.id.text()) return {};
  if (begun)
    return fail(ErrorCode::conflict, "a restore of another backup, " + *begun + ", was begun there and not ended (" +
                                         places.marker().string() + "): empty the folders, or go on with --backup " + *begun);
  if (begun.error().code != ErrorCode::not_found) return fail(begun.error());
  TRY(demand_empty(places.published));
  TRY(demand_empty(places.state));
  if (places.keys != places.state) TRY(demand_empty(places.keys));
  for (const KeptFile& file : manifest.files)
    if (file.path.area() == kept_area::public_keys) TRY(demand_same_or_absent(places.of(file.path), file));
  return {};
}

}  // namespace packyard
