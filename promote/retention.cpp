#include "promote/retention.h"

#include <algorithm>

#include "core/tree_path.h"
#include "promote/pool_removal.h"

namespace packyard {

std::set<std::uint64_t> retained_releases(const std::vector<ReleaseRow>& releases, const ReleaseContents& contents,
                                          const RetentionSettings& policy, Timestamp now) {
  std::set<std::uint64_t> kept;
  const std::int64_t keep_for_s = std::chrono::duration_cast<std::chrono::seconds>(policy.keep_for).count();
  for (const auto& release : releases) {
    const bool is_needed = release.state == ReleaseState::live || release.state == ReleaseState::prepared || release.pinned;
    const bool is_recent = release.superseded_at && now.seconds - release.superseded_at->seconds < keep_for_s;
    if (is_needed || is_recent) kept.insert(release.number);
  }
  // Newest first: the first release that lists one of a target's newest generations stays for it.
  std::map<TargetId, std::set<std::uint64_t>> seen;
  for (auto release = releases.rbegin(); release != releases.rend(); ++release) {
    const auto found = contents.find(release->number);
    if (found == contents.end()) continue;
    for (const auto& [target, generation] : found->second) {
      auto& generations = seen[target];
      if (generations.size() >= policy.keep_generations_min || !generations.insert(generation).second) continue;
      kept.insert(release->number);
    }
  }
  return kept;
}

Result<void> apply_retention(const PressParts& parts, Catalog& catalog) {
  TRY_ASSIGN(auto releases, catalog.releases());
  std::erase_if(releases, [](const ReleaseRow& release) { return release.state == ReleaseState::removed; });
  ReleaseContents contents;
  for (const auto& release : releases) {
    TRY_ASSIGN(contents[release.number], catalog.release_targets(release.number));
  }
  const auto kept = retained_releases(releases, contents, parts.settings.retention, parts.clock.now());
  if (kept.size() == releases.size()) return {};

  std::map<TargetId, std::set<std::uint64_t>> needed;
  for (const std::uint64_t number : kept)
    for (const auto& [target, generation] : contents[number]) needed[target].insert(generation);
  TRY_ASSIGN(auto transaction, catalog.begin());
  std::vector<std::string> pool, index, generations;
  TRY_ASSIGN(const auto targets, catalog.targets());
  for (const auto& target : targets) {
    TRY_ASSIGN(const auto existing, catalog.generations(target));
    const auto& alive = needed[target];
    bool any_removed = false;
    for (const std::uint64_t generation : existing) {
      if (alive.contains(generation)) continue;
      any_removed = true;
      TRY_ASSIGN(const auto only_there, catalog.remove_generation(target, generation));
      index.insert(index.end(), only_there.begin(), only_there.end());
      generations.push_back(tree_path::generation(target, generation));
    }
    const bool stays = target.format == Format::oci && parts.settings.retention.untagged_images == UntaggedImages::keep;
    if (!any_removed || stays) continue;
    const PackageFormat* format = parts.find_format(target.format);
    if (format == nullptr) return fail(ErrorCode::internal, "retention of " + target.text() + ": no such format in this program");
    TRY_ASSIGN(const auto names, catalog.unlisted_names(target, {alive.begin(), alive.end()}));
    TRY_ASSIGN(const auto files, files_going_with(*format, catalog, target, names));
    pool.insert(pool.end(), files.begin(), files.end());
    for (const auto& name : names) {
      TRY(catalog.set_name_state(name.id, name.state == NameState::withdrawn ? NameState::purged : NameState::retired));
    }
  }
  for (const auto* paths : {&pool, &index})
    for (const auto& path : *paths) TRY(catalog.add_removal(path));
  for (const auto& release : releases) {
    if (kept.contains(release.number)) continue;
    TRY(catalog.set_release_state(release.number, ReleaseState::removed));
    TRY(catalog.add_removal(tree_path::release(release.number)));
    TRY(catalog.write_journal({parts.clock.now(), release.number, "removed", "retention"}));
  }
  for (const auto& path : generations) TRY(catalog.add_removal(path));
  return transaction.commit();
}

}  // namespace packyard
