#include "promote/release_audit.h"

#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "core/json_text.h"

namespace packyard {
namespace {

constexpr std::size_t looked_at_max = 1000;
constexpr std::string_view object_start = "release ";
constexpr std::string_view why_not_made =
    "the catalog does not hold this release: packyard ended before it was made, or the catalog was restored from an older backup";

std::optional<std::uint64_t> release_of(const AuditEntry& entry) {
  if (!entry.object.starts_with(object_start)) return std::nullopt;
  std::uint64_t number = 0;
  const char* const begin = entry.object.data() + object_start.size();
  const char* const end = entry.object.data() + entry.object.size();
  const auto [stopped, failure] = std::from_chars(begin, end, number);
  return failure == std::errc() && stopped == end ? std::optional(number) : std::nullopt;
}

}  // namespace

AuditEntry release_audit_entry(const PressActor& actor, const ReleaseRow& release, const std::map<TargetId, std::uint64_t>& changed) {
  std::string targets;
  for (const auto& [target, generation] : changed)
    targets += (targets.empty() ? "" : ",") + json_text(std::string_view(target.text())) + ":" + std::to_string(generation);
  return {.actor = actor.name,
          .address = actor.address,
          .action = std::string(to_string(release.kind)),
          .object = std::string(object_start) + std::to_string(release.number),
          .after = "{\"published_at\":" + json_text(std::string_view(release.published_at.rfc3339())) +
                   ",\"summary\":" + json_text(std::string_view(release.summary)) + ",\"generations\":{" + targets + "}}"};
}

Result<void> write_releases_not_made(AuditLog& audit, Catalog& catalog, Timestamp now) {
  TRY_ASSIGN(const auto turn, audit.begin(now));
  std::vector<AuditEntry> not_made;
  Result<void> asked;
  const auto look = [&](const AuditLine& line) {
    const auto number = release_of(line.entry);
    if (!number) return not_made.size() < looked_at_max;  // what a crash left: look behind it
    if (line.outcome != AuditOutcome::done) return false;
    const auto release = catalog.find_release(*number);
    if (!release) asked = fail(release.error());
    if (!release || *release) return false;
    not_made.push_back(line.entry);
    return not_made.size() < looked_at_max;
  };
  TRY(turn->newest_first(look));
  TRY(std::move(asked));
  return turn->write_failed(not_made, why_not_made, now);
}

}  // namespace packyard
