// Keys and errors as JSON: what the admin writes, and what its clients read back (what it reads: admin/key_fields.h). The secret
// of a key appears in created_key_json() and nowhere else. Pure functions; the parsers take hostile bytes. RFC 8259;
// nlohmann/json stays in key_json.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/error_catalog.h"
#include "core/result.h"
#include "core/secret.h"
#include "storage/key_store.h"

namespace packyard {

// {"id","component","components","years","formats","addresses","label","created_at","not_before","expires_at","grace_seconds",
// "requests_per_day","addresses_per_day","revoked_at","suspended_at","former_secrets":[{"valid_until"}],"last_used_at","use_count",
// "status","metadata"}; absent times and limits are null, and component is where there are several. Former secrets are those that
// still open. status is not_yet_valid, active, in_grace, expired, suspended or revoked.
std::string key_json(const KeyRecord& record, Timestamp now);
std::string key_list_json(const std::vector<KeyRecord>& records, Timestamp now);
std::string created_key_json(const KeyRecord& record, const Secret& key, Timestamp now);
// For the audit log: what was given for the key, and the start of each secret's digest; no usage, nothing that time changes.
std::string audited_key_json(const KeyRecord& record);
// Whether the record is as an audit line shows it, in all that the line says: a later version may say more. Takes hostile bytes.
bool is_as_audited(const KeyRecord& record, std::string_view audited);
std::string error_json(std::string_view code, std::string_view message);

// What a client needs of an answer.
struct KeyView {
  std::string id, components, label, created_at, status;
  std::string years, formats, addresses;                         // joined by spaces, as components; empty when all
  std::string not_before, expires_at, revoked_at, suspended_at, last_used_at;  // empty when null
  std::string former_until;                                                    // when former secrets end, joined by spaces
  std::uint64_t grace_seconds = 0;
  std::uint64_t requests_per_day = 0, addresses_per_day = 0;  // 0: no limit
  std::string metadata;  // JSON in ASCII; empty when there is none
  std::uint64_t use_count = 0;
  Secret key;  // only in the answer to a creation
};
Result<KeyView> parse_key_view(std::string_view body);
Result<std::vector<KeyView>> parse_key_views(std::string_view body);

struct ErrorView {
  std::string code;
  std::string message;
};
Result<ErrorView> parse_error_view(std::string_view body);

}  // namespace packyard
