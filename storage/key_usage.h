// How subscriber keys were used, by key and day of UTC: what a gate adds in batches (KeyUsage), what is kept (UsageDay), what is
// asked for (UsageQuery) and got (UsagePage). Sets are bounded: at addresses_a_day_max addresses and clients_a_day_max clients a
// key's day is full; further clients count as other_client, further addresses not at all. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/address_range.h"
#include "core/utc_day.h"
#include "storage/key_id.h"

namespace packyard {

inline constexpr std::size_t addresses_a_day_max = 256;
inline constexpr std::size_t clients_a_day_max = 16;
inline constexpr std::size_t client_bytes_max = 64;
inline constexpr std::string_view other_client = "other";
// Days are kept so long; the addresses themselves only as long as gates may add to their day, then their number alone.
inline constexpr std::int64_t usage_days_max = 400;
inline constexpr std::int64_t address_days_max = 2;

// What a gate saw of a key since it last told, all on the day of last_used_at.
struct KeyUsage {
  KeyId id;
  std::uint64_t uses = 0;    // requests that passed
  Timestamp last_used_at{};  // when the batch ended: exact to the time between batches
  std::uint64_t denied = 0;  // requests with this key that did not pass
  std::vector<IpAddress> addresses{};
  std::vector<std::string> clients{};  // each of 1 to client_bytes_max characters, without line breaks
};

struct UsageDay {
  UtcDay day;
  std::uint64_t requests = 0;
  std::uint64_t denied = 0;
  std::optional<Timestamp> first_at{}, last_at{};  // of the requests that passed
  std::uint64_t addresses = 0;                     // distinct; addresses_a_day_max means so many or more
  std::vector<std::string> clients{};              // distinct, sorted, other_client last

  bool operator==(const UsageDay&) const = default;
};

// What limits go by.
struct DayUse {
  std::uint64_t requests = 0;
  std::vector<IpAddress> addresses{};
};
struct LimitedUse {
  KeyId id;
  std::uint64_t requests = 0;
  std::uint64_t addresses = 0;  // how many
};

struct UsageQuery {
  std::optional<UtcDay> from{}, to{};  // both included
  std::optional<UtcDay> after{};       // the last day of the page before
  std::size_t limit = 0;               // 0: all
};

struct UsagePage {
  std::vector<UsageDay> days;  // the earliest first; days without a request have none
  std::optional<UtcDay> next;  // the last of them, when there are more
};

// The days that were found with one more than the limit, as a page.
UsagePage usage_page_of(std::vector<UsageDay> days, std::size_t limit);
// Both sets as one, within its bounds.
std::vector<std::string> unite_clients(std::vector<std::string> clients, const std::vector<std::string>& more);

}  // namespace packyard
