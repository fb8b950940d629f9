#include "promote/content_difference.h"

#include <algorithm>
#include <set>

#include "promote/target_content.h"

namespace packyard {

std::vector<ContentChange> content_difference(const PackageFormat& format, const TargetId& target,
                                              const std::vector<Listing>& before, const std::vector<Listing>& after) {
  std::set<std::int64_t> names_before, names_after;
  std::set<std::string> followed;  // tags that were there before
  for (const auto& listing : before) names_before.insert(listing.name_id);
  for (const auto& listing : after) names_after.insert(listing.name_id);
  const auto newest = newest_versions(before);
  std::vector<ContentChange> changes;
  for (const auto& listing : after) {
    if (names_before.contains(listing.name_id)) continue;
    ContentChange change{ChangeKind::added, target.text(), listing.name, listing.architecture, listing.version, ""};
    if (target.format == Format::oci) {
      const auto earlier = std::ranges::find(before, listing.name, &Listing::name);
      if (earlier != before.end()) {
        followed.insert(listing.name);
        change.kind = earlier->version == listing.version ? ChangeKind::resealed : ChangeKind::moved;
        if (change.kind == ChangeKind::moved) change.previous_version = earlier->version;
      }
    } else if (const auto found = newest.find({listing.name, listing.architecture}); found != newest.end()) {
      if (format.compare_versions(listing.version, found->second) == std::strong_ordering::greater) {
        change.kind = ChangeKind::upgraded;
        change.previous_version = found->second;
      }
    }
    changes.push_back(std::move(change));
  }
  for (const auto& listing : before)
    if (!names_after.contains(listing.name_id) && !followed.contains(listing.name))
      changes.push_back({ChangeKind::removed, target.text(), listing.name, listing.architecture, listing.version, ""});
  return changes;
}

}  // namespace packyard
