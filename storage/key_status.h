// What state a key is in at a moment, by its own times: what lists show and filter by. Pure. The SQLite store says the same in SQL
// (tests/conformance holds both together).
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "storage/key_store.h"

namespace packyard {

enum class KeyStatus { revoked, suspended, expired, not_yet_valid, in_grace, active };
inline constexpr auto all_key_statuses = std::to_array({KeyStatus::revoked, KeyStatus::suspended, KeyStatus::expired,
                                                        KeyStatus::not_yet_valid, KeyStatus::in_grace, KeyStatus::active});

// The first that holds, in the order above.
KeyStatus status_of(const KeyRecord& record, Timestamp now);
std::string_view to_string(KeyStatus status);
std::optional<KeyStatus> parse_key_status(std::string_view text);

}  // namespace packyard
