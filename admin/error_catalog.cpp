#include "admin/error_catalog.h"

#include <algorithm>
#include <array>

#include "core/check.h"

namespace packyard {
namespace {

using enum ApiError;

// What may be wrong with a request as such.
constexpr auto request_entries = std::to_array<ApiErrorEntry>({
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
    {token_needed, "token_needed", 401, "send the admin token as Authorization: Bearer, with the content of its file",
     "This admin listens where others than its operator may connect, so it answers nobody without the token. Only /healthz needs "
     "none."},
    {role_denied, "role_denied", 403, "this token may not do that; its role is too small",
     "Role read looks, keys changes keys too, all asks for promotions too. admin.tokens gives each token its role."},
    {target_invalid, "target_invalid", 400, "the request target must be a path, or an absolute URL of the same host",
     "The target is neither in origin form nor an http(s) URL whose host equals the Host header."},
    {query_unknown, "query_unknown", 400, "this address does not know a query parameter",
     "A parameter that is not known might be meant to narrow the answer, so it is refused instead of ignored."},
    {query_invalid, "query_invalid", 400, "a query parameter has a value that is none, or stands twice",
     "Lists take component, status, search, expires_before, limit (1 to 1000) and cursor, which only a list gives; the use of a key "
     "takes from and to, which are days like 2026-01-31, limit and cursor."},
    {route_not_found, "route_not_found", 404, "there is nothing at this path",
     "The paths are /api/v1/keys, /api/v1/keys/{id} with /usage, /rotate, /suspend and /resume below it, /api/v1/check, "
     "/api/v1/export, /api/v1/import, /api/v1/promotions, /api/v1/promotions/{id}, /healthz and /api/v1/openapi.json, which describes "
     "them all."},
    {method_not_allowed, "method_not_allowed", 405, "this method is not allowed here; the Allow header lists those that are",
     "OPTIONS is never answered otherwise: the admin takes part in no cross-origin exchange."},
    {media_type_unsupported, "media_type_unsupported", 415, "send the body with Content-Type: application/json",
     "Web pages can send forms and text/plain anywhere, but not application/json, without asking first. With curl: --json, or "
     "-H."},
    {body_too_large, "body_too_large", 413, "the body is larger than 65536 bytes, or its lines than 4 MiB or 10,000",
     "Send many keys in several requests, as packyard keys import does."},
    {body_unexpected, "body_unexpected", 400, "this request takes no body", "Send GET, HEAD and DELETE without one."},
    {json_invalid, "json_invalid", 400, "the body is not one JSON object",
     "The body must be a single JSON object in UTF-8 with nothing after it."},
    {field_unknown, "field_unknown", 400, "the object has a field that is not known",
     "A mistyped field would otherwise be lost, for example an expiry. Known are component or components, label, years, formats, "
     "addresses, not_before, expires_at, grace_seconds and metadata."},
    {field_duplicate, "field_duplicate", 400, "the object has a field twice",
     "Which one was meant cannot be known. component and components are one field."},
    {field_missing, "field_missing", 400, "component and label are needed", "A key opens a component and says whose it is."},
    {field_type, "field_type", 400, "a field has a value of the wrong type",
     "component, label and times are strings; components, years, formats and addresses lists of strings; grace_seconds is a "
     "number; metadata is an object. null stands for the default: all years, formats and addresses, no time, no metadata."},
});

// What may be wrong with what it asks for.
constexpr auto key_entries = std::to_array<ApiErrorEntry>({
    {label_invalid, "label_invalid", 400, "a label is 1 to 200 characters of UTF-8 without control characters",
     "Labels are shown in terminals and pages, so characters that steer them or reverse text are refused."},
    {component_unknown, "component_unknown", 400, "no such component in the settings",
     "A key can be made only for a component listed in config/packyard.yml. Keys of a component that was removed stay listed."},
    {scope_invalid, "scope_invalid", 400, "the years, formats or addresses are not such",
     "Years are four digits, formats are rpm, deb and oci, addresses are CIDR ranges or single addresses; at most 64 of each."},
    {not_before_invalid, "not_before_invalid", 400, "not_before is not a time in RFC 3339 UTC form like 2026-01-31T12:00:00Z",
     "Only whole seconds with Z are taken, so that what is shown is what was given."},
    {expires_at_invalid, "expires_at_invalid", 400, "expires_at is not a time in RFC 3339 UTC form like 2026-01-31T12:00:00Z",
     "Only whole seconds with Z are taken, so that what is shown is what was given."},
    {expires_at_past, "expires_at_past", 400, "expires_at is not in the future", "The key would be refused from the start."},
    {validity_empty, "validity_empty", 400, "not_before is not before expires_at", "The key would never be valid."},
    {grace_invalid, "grace_invalid", 400, "grace_seconds is a whole number up to 31622400",
     "That is 366 days: the time after expires_at in which requests still pass and answers carry a warning."},
    {limit_invalid, "limit_invalid", 400, "requests_per_day is a whole number from 1, addresses_per_day one from 1 to 256",
     "Null takes a limit back. To close a key for a time, suspend it; to name the addresses themselves, give it ranges in addresses."},
    {metadata_invalid, "metadata_invalid", 400, "metadata is larger than 4096 bytes, or deeper than 16 levels",
     "It is one JSON object of your own (customer, contract, mail address), counted without white space between its parts."},
    {overlap_invalid, "overlap_invalid", 400, "overlap_seconds is a whole number up to 31622400",
     "That is 366 days: the time for which the old secret still opens. 0 ends it, and every one before it, at once."},
    {check_invalid, "check_invalid", 400, "the question is not one: give key or key_id, and uri",
     "method (GET) and address (none) may be given too. A key for some addresses is refused without the client's."},
    {pepper_unknown, "pepper_unknown", 409, "a key was made with a pepper that is not here",
     "Digests open nothing without the exporter's pepper: copy its file into state/peppers/ (mode 0600) and restart packyard."},
    {key_exists, "key_exists", 409, "a key with this id or secret exists and is another one",
     "Nothing of these lines was imported. Keys that are here already with the same id and secret are passed over."},
    {key_revoked, "key_revoked", 409, "the key is revoked, which is for ever; make another one",
     "A revoked key is not rotated, suspended or resumed. What it says about its customer may still be changed."},
    {secrets_too_many, "secrets_too_many", 409, "four former secrets of this key still open",
     "Wait until one of them ends, or rotate with overlap_seconds 0, which ends all of them at once."},
    {key_not_found, "key_not_found", 404, "there is no key with this id",
     "List the keys to see their ids; revoked ones stay listed."},
    {promotion_invalid, "promotion_invalid", 400, "year, format or target are not such, or not in the settings",
     "A promotion may be narrowed to what config/packyard.yml lists: a component, one of its years, rpm, deb or oci, a target."},
    {promotion_not_found, "promotion_not_found", 404, "there is no promotion with this id",
     "Those that wait or run are listed, and the last 256 that ended. packyard release list shows what was published."},
    {queue_full, "queue_full", 429, "64 promotions wait already; try again when the worker has taken some",
     "Look at /api/v1/promotions: worker_running says whether there is one (packyard promote --worker)."},
    {queue_unavailable, "queue_unavailable", 503, "the promotion queue cannot be read or written now; try again",
     "The disk is full or read-only, or worker.queue may not be written by this account. The log says which."},
    {audit_unavailable, "audit_unavailable", 503, "the audit log cannot be written now; nothing was changed; try again",
     "No change is made that is not written down first. The disk is full or read-only, or state/audit-admin may not be written by this "
     "account. The log says which. Customers are not affected."},
    {store_unavailable, "store_unavailable", 503, "the key store cannot do this now; nothing was changed; try again",
     "The disk is full or read-only, or another process holds the database. The log says which. Customers are not affected."},
    {store_damaged, "store_damaged", 500, "the key store is damaged; restore it from a backup",
     "The database failed a check. The log says where. Gates go on with the keys they know."},
    {internal, "internal", 500, "the admin failed in an unexpected way; the log says more",
     "This is a fault in packyard: please report it."},
});

constexpr auto entries = [] {
  std::array<ApiErrorEntry, request_entries.size() + key_entries.size()> all{};
  std::ranges::copy(key_entries, std::ranges::copy(request_entries, all.begin()).out);
  return all;
}();

}  // namespace

std::span<const ApiErrorEntry> error_catalog() { return entries; }

const ApiErrorEntry& catalog_entry(ApiError error) {
  const auto* const found = std::ranges::find(entries, error, &ApiErrorEntry::error);
  CHECK(found != entries.end());
  return *found;
}

}  // namespace packyard
