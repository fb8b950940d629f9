#include "admin/key_audit.h"

#include <string>
#include <vector>

#include "admin/key_json.h"

namespace packyard {
namespace {

constexpr std::size_t looked_at_max = 20'000;  // twice what one request can make
constexpr std::string_view why_not_made =
    "the key store does not hold this change: packyard ended before it was made, or the store was restored from an older backup";

}  // namespace

AuditEntry key_audit_entry(std::string_view action, const AdminCaller& caller, const KeyRecord* before, const KeyRecord& after) {
  return {caller.name, caller.address, std::string(action), after.id.text, before == nullptr ? std::string() : audited_key_json(*before),
          audited_key_json(after)};
}

Result<std::size_t> write_changes_not_made(AuditTurn& turn, KeyStore& store, Timestamp now) {
  std::vector<AuditEntry> not_made;
  Result<void> asked;
  const auto look = [&](const AuditLine& line) {
    const bool is_change = line.outcome == AuditOutcome::done && line.entry.object.starts_with("key_");
    if (!is_change) return line.outcome == AuditOutcome::done && not_made.size() < looked_at_max;
    auto record = store.find(KeyId{line.entry.object});
    if (!record) {
      asked = fail(std::move(record).error());
      return false;
    }
    if (*record && is_as_audited(**record, line.entry.after)) return false;
    not_made.push_back(line.entry);
    not_made.back().before.clear();  // large, and not said again
    not_made.back().after.clear();
    return not_made.size() < looked_at_max;
  };
  TRY(turn.newest_first(look));
  TRY(std::move(asked));
  TRY(turn.write_failed(not_made, why_not_made, now));
  return not_made.size();
}

}  // namespace packyard
