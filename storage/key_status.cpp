#include "storage/key_status.h"

namespace packyard {

KeyStatus status_of(const KeyRecord& record, Timestamp now) {
  if (record.revoked_at) return KeyStatus::revoked;
  if (record.suspended_at) return KeyStatus::suspended;
  if (record.expires_at && record.expires_at->seconds + record.grace.count() <= now.seconds) return KeyStatus::expired;
  if (record.not_before && now < *record.not_before) return KeyStatus::not_yet_valid;
  if (record.expires_at && *record.expires_at <= now) return KeyStatus::in_grace;
  return KeyStatus::active;
}

std::string_view to_string(KeyStatus status) {
  switch (status) {
    case KeyStatus::revoked: return "revoked";
    case KeyStatus::suspended: return "suspended";
    case KeyStatus::expired: return "expired";
    case KeyStatus::not_yet_valid: return "not_yet_valid";
    case KeyStatus::in_grace: return "in_grace";
    case KeyStatus::active: return "active";
  }
  return "active";
}

std::optional<KeyStatus> parse_key_status(std::string_view text) {
  for (const KeyStatus status : all_key_statuses)
    if (to_string(status) == text) return status;
  return std::nullopt;
}

}  // namespace packyard
