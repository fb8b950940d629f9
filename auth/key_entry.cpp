#include "auth/key_entry.h"

#include <utility>

namespace packyard {

std::vector<KeyEntry> key_entries_of(const KeyRecord& record, std::shared_ptr<const KeyScope> scope, UsageSlot* usage) {
  KeyEntry entry{record.digest, record.id, std::move(scope)};
  if (record.not_before) entry.opens_at = *record.not_before;
  if (record.expires_at) {
    entry.expires_at = *record.expires_at;
    entry.ends_at = Timestamp{entry.expires_at.seconds + record.grace.count()};
  }
  entry.is_timed = record.not_before || record.expires_at;
  entry.is_revoked = record.revoked_at.has_value();
  entry.is_suspended = record.suspended_at.has_value();
  entry.limits = record.limits;
  entry.is_limited = record.limits.any();
  entry.usage = usage;
  std::vector<KeyEntry> entries = {entry};
  for (const FormerSecret& secret : record.former_secrets) {
    KeyEntry& former = entries.emplace_back(entry);
    former.digest = secret.digest;
    former.replaced_at = secret.valid_until;
    former.is_timed = true;
  }
  return entries;
}

}  // namespace packyard
