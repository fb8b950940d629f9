// Every error the admin API can answer, in one table: its code (stable, for programs), its HTTP status, its message, and what it
// means and what to do (for documents). Plain data, shared by all threads.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace packyard {

enum class ApiError {
  host_missing,
  host_not_allowed,
  origin_not_allowed,
  cross_site,
  token_needed,
  role_denied,
  target_invalid,
  query_unknown,
  query_invalid,
  route_not_found,
  method_not_allowed,
  media_type_unsupported,
  body_too_large,
  body_unexpected,
  json_invalid,
  field_unknown,
  field_duplicate,
  field_missing,
  field_type,
  label_invalid,
  component_unknown,
  scope_invalid,
  not_before_invalid,
  expires_at_invalid,
  expires_at_past,
  validity_empty,
  grace_invalid,
  limit_invalid,
  metadata_invalid,
  overlap_invalid,
  check_invalid,
  pepper_unknown,
  key_exists,
  key_revoked,
  secrets_too_many,
  key_not_found,
  promotion_invalid,
  promotion_not_found,
  queue_full,
  queue_unavailable,
  audit_unavailable,
  store_unavailable,
  store_damaged,
  internal,
};

struct ApiErrorEntry {
  ApiError error;
  std::string_view code;
  unsigned status;
  std::string_view message;
  std::string_view explanation;
};

std::span<const ApiErrorEntry> error_catalog();
const ApiErrorEntry& catalog_entry(ApiError error);

// What a handler gives up with. The detail says more than the catalogue's message; it never holds a secret or a value of the
// request, at most a name from it, escaped.
struct ApiFailure {
  ApiError error = ApiError::internal;
  std::string detail;
};

template <class T>
using ApiResult = std::expected<T, ApiFailure>;

inline std::unexpected<ApiFailure> refuse(ApiError error, std::string detail = {}) {
  return std::unexpected(ApiFailure{error, std::move(detail)});
}

}  // namespace packyard
