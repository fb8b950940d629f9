#include "promote/release_history.h"

#include "promote/content_difference.h"
#include "promote/store_session.h"
#include "promote/target_content.h"

namespace packyard {
namespace {

Result<Catalog> open_catalog(const PressParts& parts) {
  TRY_ASSIGN(auto catalog, open_catalog_to_read(parts.settings));
  if (!catalog) return fail(ErrorCode::not_found, "looking for releases: nothing was published yet");
  return std::move(*catalog);
}

Result<ReleaseRow> find_kept(Catalog& catalog, std::uint64_t number) {
  TRY_ASSIGN(const auto release, catalog.find_release(number));
  if (!release)
    return fail(ErrorCode::not_found,
                "there is no release " + std::to_string(number) + ": packyard release list shows those there are");
  return *release;
}

}  // namespace

Result<std::vector<ReleaseRow>> list_releases(const PressParts& parts) {
  TRY_ASSIGN(auto catalog, open_catalog_to_read(parts.settings));
  if (!catalog) return std::vector<ReleaseRow>();
  TRY_ASSIGN(auto releases, catalog->releases());
  std::erase_if(releases, [](const ReleaseRow& release) { return release.state == ReleaseState::removed; });
  return releases;
}

Result<ReleaseDetails> show_release(const PressParts& parts, std::uint64_t number) {
  TRY_ASSIGN(auto catalog, open_catalog(parts));
  ReleaseDetails details;
  TRY_ASSIGN(details.release, find_kept(catalog, number));
  TRY_ASSIGN(details.targets, catalog.release_targets(number));
  TRY_ASSIGN(details.journal, catalog.journal(number));
  return details;
}

Result<std::vector<ContentChange>> compare_releases(const PressParts& parts, std::uint64_t from, std::uint64_t to) {
  TRY_ASSIGN(auto catalog, open_catalog(parts));
  TRY(find_kept(catalog, from));
  TRY(find_kept(catalog, to));
  TRY_ASSIGN(auto before, catalog.release_targets(from));
  TRY_ASSIGN(auto after, catalog.release_targets(to));
  std::map<TargetId, std::pair<std::uint64_t, std::uint64_t>> both;
  for (const auto& [target, generation] : before) both[target].first = generation;
  for (const auto& [target, generation] : after) both[target].second = generation;
  std::vector<ContentChange> changes;
  for (const auto& [target, generations] : both) {
    if (generations.first == generations.second) continue;
    const PackageFormat* format = parts.find_format(target.format);
    if (format == nullptr) return fail(ErrorCode::internal, "comparing " + target.text() + ": no such format in this program");
    TRY_ASSIGN(const auto old_content, sorted_content(catalog, *format, target, generations.first));
    TRY_ASSIGN(const auto new_content, sorted_content(catalog, *format, target, generations.second));
    for (auto& change : content_difference(*format, target, old_content, new_content)) changes.push_back(std::move(change));
  }
  return changes;
}

Result<void> pin_release(const PressParts& parts, std::uint64_t number, Pinning pinning) {
  TRY_ASSIGN(auto session, StoreSession::open(parts));
  TRY_ASSIGN(const auto release, find_kept(session.catalog(), number));
  if (release.state == ReleaseState::removed)
    return fail(ErrorCode::not_found, "pinning release " + std::to_string(number) + ": retention has removed it");
  return session.catalog().set_pinned(number, pinning == Pinning::pinned);
}

}  // namespace packyard
