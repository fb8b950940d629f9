// Keys and errors as JSON, both ways: what the admin reads and writes, and what its clients read back. The secret of a key
// appears in created_key_json() and nowhere else. Pure functions; the parsers take hostile bytes. RFC 8259; nlohmann/json stays
// in key_json.cpp.
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

// As given, nothing judged yet but the shape.
struct KeyRequest {
  std::string component;
  std::string label;
  std::optional<std::string> expires_at;
};

// {"component":…,"label":…,"expires_at":…}: one flat object, each field once, none that is not known.
ApiResult<KeyRequest> parse_key_request(std::string_view body);

// {"id","component","label","created_at","expires_at","revoked_at","last_used_at","use_count","status"}; absent times are null.
std::string key_json(const KeyRecord& record, Timestamp now);
std::string key_list_json(const std::vector<KeyRecord>& records, Timestamp now);
std::string created_key_json(const KeyRecord& record, const Secret& key, Timestamp now);
std::string error_json(std::string_view code, std::string_view message);
std::string key_request_json(const KeyRequest& request);

// What a client needs of an answer.
struct KeyView {
  std::string id, component, label, created_at, status;
  std::string expires_at, revoked_at, last_used_at;  // empty when null
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
