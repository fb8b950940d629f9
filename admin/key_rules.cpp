#include "admin/key_rules.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "admin/label.h"

namespace packyard {
namespace {

// Sorted and without repetition: a scope is a set.
template <class Item, class Parse>
ApiResult<void> read_set(const KeyFields::Texts& texts, std::string_view field, Parse parse, std::vector<Item>& into) {
  if (texts.size() > scope_list_items_max)
    return refuse(ApiError::scope_invalid, std::string(field) + " has more than " + std::to_string(scope_list_items_max) + " items");
  std::vector<Item> items;
  for (const std::string& text : texts) {
    auto item = parse(text);
    if (!item) return refuse(ApiError::scope_invalid, "in " + std::string(field) + ": " + item.error().message);
    items.push_back(std::move(*item));
  }
  std::ranges::sort(items);
  const auto repeated = std::ranges::unique(items);
  items.erase(repeated.begin(), repeated.end());
  into = std::move(items);
  return {};
}

ApiResult<void> read_components(const KeyFields::Texts& texts, std::span<const ComponentName> known, KeyScope& scope) {
  if (texts.empty()) return refuse(ApiError::scope_invalid, "components is empty: name at least one");
  for (const std::string& text : texts)
    if (std::ranges::find(known, text, &ComponentName::text) == known.end()) return refuse(ApiError::component_unknown);
  return read_set(texts, "components", ComponentName::parse, scope.components);
}

ApiResult<void> read_scope(const KeyFields& fields, std::span<const ComponentName> components, KeyScope& scope) {
  ApiResult<void> read;
  if (fields.components) read = read_components(*fields.components, components, scope);
  if (read && fields.years) read = read_set(*fields.years, "years", Year::parse, scope.years);
  if (read && fields.formats) read = read_set(*fields.formats, "formats", parse_format, scope.formats);
  if (read && fields.addresses) read = read_set(*fields.addresses, "addresses", AddressRange::parse, scope.addresses);
  return read;
}

ApiResult<void> read_time(const KeyFields::Time& text, ApiError error, std::optional<Timestamp>& into) {
  if (!text) {
    into.reset();
    return {};
  }
  const auto time = Timestamp::parse_rfc3339(*text);
  if (!time) return refuse(error);
  into = *time;
  return {};
}

ApiResult<void> read_validity(const KeyFields& fields, Timestamp now, KeyRecord& record) {
  ApiResult<void> read;
  if (fields.not_before) read = read_time(*fields.not_before, ApiError::not_before_invalid, record.not_before);
  if (read && fields.expires_at) read = read_time(*fields.expires_at, ApiError::expires_at_invalid, record.expires_at);
  if (!read) return read;
  if (fields.expires_at && record.expires_at && *record.expires_at <= now) return refuse(ApiError::expires_at_past);
  const bool names_one = fields.not_before || fields.expires_at;
  if (names_one && record.not_before && record.expires_at && *record.not_before >= *record.expires_at)
    return refuse(ApiError::validity_empty);
  if (!fields.grace_seconds) return {};
  if (*fields.grace_seconds > grace_seconds_max) return refuse(ApiError::grace_invalid);
  record.grace = std::chrono::seconds(*fields.grace_seconds);
  return {};
}

// No requests at all is what suspending says; more addresses than are told apart cannot be held.
ApiResult<void> read_limit(const std::optional<KeyFields::Limit>& given, std::uint64_t most, KeyFields::Limit& into) {
  if (!given) return {};
  if (*given && (**given < 1 || **given > most)) return refuse(ApiError::limit_invalid);
  into = *given;
  return {};
}

ApiResult<void> read_limits(const KeyFields& fields, KeyLimits& limits) {
  if (auto read = read_limit(fields.requests_per_day, requests_per_day_max, limits.requests_per_day); !read) return read;
  return read_limit(fields.addresses_per_day, addresses_a_day_max, limits.addresses_per_day);
}

}  // namespace

bool is_key_id(std::string_view text) {
  constexpr std::string_view prefix = "key_";
  constexpr std::size_t length = 20;
  return text.size() == length && text.starts_with(prefix) && std::ranges::all_of(text.substr(prefix.size()), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

ApiResult<void> apply_key_fields(const KeyFields& fields, std::span<const ComponentName> components, Timestamp now,
                                 KeyRecord& record) {
  KeyRecord changed = record;
  if (auto read = read_scope(fields, components, changed.scope); !read) return read;
  if (fields.label) {
    if (!is_label(*fields.label)) return refuse(ApiError::label_invalid);
    changed.label = *fields.label;
  }
  if (auto read = read_validity(fields, now, changed); !read) return read;
  if (auto read = read_limits(fields, changed.limits); !read) return read;
  if (fields.metadata) {
    if (fields.metadata->size() > metadata_bytes_max) return refuse(ApiError::metadata_invalid);
    changed.metadata = *fields.metadata;
  }
  record = std::move(changed);
  return {};
}

ApiResult<void> replace_secret(KeyRecord& record, Timestamp now, std::chrono::seconds overlap) {
  std::vector<FormerSecret> former = record.former_secrets;
  if (overlap.count() == 0)
    for (FormerSecret& secret : former) secret.valid_until = std::min(secret.valid_until, now);
  std::ranges::sort(former, std::greater(), &FormerSecret::valid_until);
  const bool all_open = former.size() >= former_secrets_max && former[former_secrets_max - 1].valid_until > now;
  if (all_open) return refuse(ApiError::secrets_too_many);
  if (former.size() >= former_secrets_max) former.resize(former_secrets_max - 1);
  former.push_back({record.digest, record.pepper_id, Timestamp{now.seconds + overlap.count()}});
  record.former_secrets = std::move(former);
  return {};
}

}  // namespace packyard
