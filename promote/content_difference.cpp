#include "promote/content_difference.h"

#include <set>

#include "promote/target_content.h"

namespace packyard {

std::vector<ContentChange> content_difference(const PackageFormat& format, const TargetId& target,
                                              const std::vector<Listing>& before, const std::vector<Listing>& after) {
  std::set<std::int64_t> names_before, names_after;
  std::set<std::string> resealed;
  for (const auto& listing : before) names_before.insert(listing.name_id);
  for (const auto& listing : after) names_after.insert(listing.name_id);
  const auto newest = newest_versions(before);
  std::vector<ContentChange> changes;
  for (const auto& listing : after) {
    if (names_before.contains(listing.name_id)) continue;
    const auto found = newest.find({listing.name, listing.architecture});
    if (target.format == Format::oci && found != newest.end() && found->second == listing.version) {
      resealed.insert(listing.name);
      changes.push_back({ChangeKind::resealed, target.text(), listing.name, listing.architecture, listing.version, ""});
      continue;
    }
    const bool upgrades =
        found != newest.end() && format.compare_versions(listing.version, found->second) == std::strong_ordering::greater;
    changes.push_back({upgrades ? ChangeKind::upgraded : ChangeKind::added, target.text(), listing.name, listing.architecture,
                       listing.version, upgrades ? found->second : ""});
  }
  for (const auto& listing : before)
    if (!names_after.contains(listing.name_id) && !resealed.contains(listing.name))
      changes.push_back({ChangeKind::removed, target.text(), listing.name, listing.architecture, listing.version, ""});
  return changes;
}

}  // namespace packyard
