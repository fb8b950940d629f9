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

namespace {

// What a kept release could bring back stays, also as it is signed now; what was signed anew stays while a generation of its time
// does.
Result<std::vector<PublishedName>> names_going(Catalog& catalog, const TargetId& target, const std::set<std::uint64_t>& alive,
                                               UntaggedImages untagged) {
  TRY_ASSIGN(auto going, catalog.unlisted_names(target, {alive.begin(), alive.end()}));
  if (target.format != Format::oci || going.empty()) return going;
  std::set<std::int64_t> dead;
  for (const auto& name : going) dead.insert(name.id);
  TRY_ASSIGN(const auto all, catalog.unlisted_names(target, {}));
  std::set<std::int64_t> staying;
  for (const auto& name : all) {
    if (dead.contains(name.id)) continue;
    TRY_ASSIGN(const PublishedName in_force, catalog.in_force(name.id));
    staying.insert(in_force.id);
  }
  for (const auto& name : going) {
    std::uint64_t until = 0;
    if (name.superseded_by) {
      TRY_ASSIGN(until, catalog.first_generation_of(target, *name.superseded_by));
    }
    const bool is_of_kept_time = !alive.empty() && *alive.begin() < until;
    if (is_of_kept_time || (untagged == UntaggedImages::keep && !name.superseded_by)) staying.insert(name.id);
  }
  std::erase_if(going, [&](const PublishedName& name) { return staying.contains(name.id); });
  return going;
}

Result<void> mark_gone(Catalog& catalog, const std::vector<PublishedName>& names) {
  for (const auto& name : names)
    TRY(catalog.set_name_state(name.id, name.state == NameState::withdrawn ? NameState::purged : NameState::retired));
  return {};
}

}  // namespace

Result<void> leave_out_untagged(const PressParts& parts, Catalog& catalog, const TargetId& target, std::uint64_t generation) {
  const PackageFormat* format = parts.find_format(target.format);
  if (target.format != Format::oci || format == nullptr) return {};
  if (parts.settings.retention.untagged_images == UntaggedImages::keep) return {};
  TRY_ASSIGN(const auto kept, catalog.generations(target));
  std::set<std::uint64_t> alive(kept.begin(), kept.end());
  alive.insert(generation);
  TRY_ASSIGN(const auto names, names_going(catalog, target, alive, UntaggedImages::remove));
  TRY_ASSIGN(const auto files, files_going_with(*format, catalog, target, names));
  for (const auto& file : files) TRY(catalog.add_removal(file));
  return mark_gone(catalog, names);
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
    if (!any_removed) continue;
    const PackageFormat* format = parts.find_format(target.format);
    if (format == nullptr) return fail(ErrorCode::internal, "retention of " + target.text() + ": no such format in this program");
    TRY_ASSIGN(const auto names, names_going(catalog, target, alive, UntaggedImages::keep));
    TRY_ASSIGN(const auto files, files_going_with(*format, catalog, target, names));
    pool.insert(pool.end(), files.begin(), files.end());
    TRY(mark_gone(catalog, names));
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
