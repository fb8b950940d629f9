#include "admin/error_catalog.h"

#include <algorithm>
#include <array>

#include "core/check.h"

namespace packyard {
namespace {

using enum ApiError;

constexpr auto entries = std::to_array<ApiErrorEntry>({
    {host_missing, "host_missing", 400, "exactly one Host header is needed",
     "Without it the admin cannot tell whether a web page is reaching it under a name of its own (DNS rebinding)."},
    {host_not_allowed, "host_not_allowed", 421,
     "this host name is not served here; use localhost, or add the name to admin.allowed_hosts",
     "Only localhost, 127.0.0.1, [::1] and the names in admin.allowed_hosts are answered, so that no web page can reach the "
     "admin "
     "through a name that it controls."},
    {origin_not_allowed, "origin_not_allowed", 403, "the Origin header names another site",
     "A browser sent this for a page of another site. Programs need not send Origin at all."},
    {cross_site, "cross_site", 403, "the browser says that another site asked for this",
     "Sec-Fetch-Site is neither same-origin nor none. Open the address itself instead of following a link."},
    {token_needed, "token_needed", 401, "send the admin token as Authorization: Bearer, with the content of admin.token_file",
     "This admin listens where others than its operator may connect, so it answers nobody without the token. Only /healthz needs "
     "none."},
    {target_invalid, "target_invalid", 400, "the request target must be a path, or an absolute URL of the same host",
     "The target is neither in origin form nor an http(s) URL whose host equals the Host header."},
    {query_unknown, "query_unknown", 400, "this address takes no query parameters",
     "A parameter that is not known might be meant to narrow the answer, so it is refused instead of ignored."},
    {route_not_found, "route_not_found", 404, "there is nothing at this path",
     "The paths are /api/v1/keys, /api/v1/keys/{id} and /healthz."},
    {method_not_allowed, "method_not_allowed", 405, "this method is not allowed here; the Allow header lists those that are",
     "OPTIONS is never answered otherwise: the admin takes part in no cross-origin exchange."},
    {media_type_unsupported, "media_type_unsupported", 415, "send the body with Content-Type: application/json",
     "Web pages can send forms and text/plain anywhere, but not application/json, without asking first. With curl: --json, or "
     "-H."},
    {body_too_large, "body_too_large", 413, "the body is larger than 65536 bytes", "No request of this API needs so much."},
    {body_unexpected, "body_unexpected", 400, "this request takes no body", "Send GET, HEAD and DELETE without one."},
    {json_invalid, "json_invalid", 400, "the body is not one JSON object",
     "The body must be a single JSON object in UTF-8 with nothing after it and no objects or arrays in it."},
    {field_unknown, "field_unknown", 400, "the object has a field that is not known; known are component, label and expires_at",
     "A mistyped field would otherwise be lost, for example an expiry."},
    {field_duplicate, "field_duplicate", 400, "the object has a field twice", "Which one was meant cannot be known."},
    {field_missing, "field_missing", 400, "component and label are needed", "A key opens one component and says whose it is."},
    {field_type, "field_type", 400, "component, label and expires_at are strings",
     "expires_at may also be null, which means never."},
    {label_invalid, "label_invalid", 400, "a label is 1 to 200 characters of UTF-8 without control characters",
     "Labels are shown in terminals and pages, so characters that steer them or reverse text are refused."},
    {component_unknown, "component_unknown", 400, "no such component in the settings",
     "A key can be made only for a component listed in config/packyard.yml. Keys of a component that was removed stay listed."},
    {expires_at_invalid, "expires_at_invalid", 400, "expires_at is not a time in RFC 3339 UTC form like 2026-01-31T12:00:00Z",
     "Only whole seconds with Z are taken, so that what is shown is what was given."},
    {expires_at_past, "expires_at_past", 400, "expires_at is not in the future", "The key would be refused from the start."},
    {key_not_found, "key_not_found", 404, "there is no key with this id",
     "List the keys to see their ids; revoked ones stay listed."},
    {store_unavailable, "store_unavailable", 503, "the key store cannot do this now; nothing was changed; try again",
     "The disk is full or read-only, or another process holds the database. The log says which. Customers are not affected."},
    {store_damaged, "store_damaged", 500, "the key store is damaged; restore it from a backup",
     "The database failed a check. The log says where. Gates go on with the keys they know."},
    {internal, "internal", 500, "the admin failed in an unexpected way; the log says more",
     "This is a fault in packyard: please report it."},
});

}  // namespace

std::span<const ApiErrorEntry> error_catalog() { return entries; }

const ApiErrorEntry& catalog_entry(ApiError error) {
  const auto* const found = std::ranges::find(entries, error, &ApiErrorEntry::error);
  CHECK(found != entries.end());
  return *found;
}

}  // namespace packyard
