// Judges what a request says about a key and writes it into the record: components of the settings, well-formed names, ranges and
// times, a validity that is not empty. Pure; the record is left as it was when anything is refused.
#pragma once

#include <span>

#include "admin/error_catalog.h"
#include "admin/key_fields.h"
#include "core/names.h"
#include "storage/key_store.h"

namespace packyard {

inline constexpr std::size_t scope_list_items_max = 64;
inline constexpr std::size_t metadata_bytes_max = 4096;
inline constexpr std::uint64_t grace_seconds_max = 366ull * 24 * 3600;
inline constexpr std::uint64_t overlap_seconds_max = grace_seconds_max;
inline constexpr std::size_t former_secrets_max = 4;
inline constexpr std::uint64_t requests_per_day_max = 1'000'000'000'000;

// "key_" and 16 characters of base62.
bool is_key_id(std::string_view text);

// Fields that were not given stay as they are in the record.
ApiResult<void> apply_key_fields(const KeyFields& fields, std::span<const ComponentName> components, Timestamp now,
                                 KeyRecord& record);

// Makes the current secret a former one that opens for `overlap` more; the caller puts the new one in its place. No overlap ends all
// of them. Those that have ended stay as long as there is room, so that who still uses one hears why it is refused.
ApiResult<void> replace_secret(KeyRecord& record, Timestamp now, std::chrono::seconds overlap);

}  // namespace packyard
