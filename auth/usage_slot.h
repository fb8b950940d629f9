// UsageSlot: what a gate counts of one key until it is written: requests, denied requests, and the addresses and clients that were
// not seen before on this day. Counting is a relaxed addition and a look into a small table of what was seen lately; a lock is
// taken only for what is not there, and for keys with limits, whose counts are exact within this gate and go by what all gates had
// written when last heard of. Thread-safe; never fails, never throws: without memory something goes unnoted, and passes.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "auth/client_address.h"
#include "auth/limit_rule.h"
#include "core/guarded.h"
#include "storage/key_usage.h"

namespace packyard {

class UsageSlot {
 public:
  UsageSlot() = default;
  UsageSlot(const UsageSlot&) = delete;
  UsageSlot& operator=(const UsageSlot&) = delete;
  ~UsageSlot();

  // A request that passed; client and user_agent may be unknown (null, empty).
  void count(const ClientAddress* client = nullptr, std::string_view user_agent = {}) noexcept;
  void count_denied() noexcept { denied_.fetch_add(1, std::memory_order_relaxed); }
  // A request of a key with limits: counted as one that passed, unless a limit is reached; then as denied.
  std::optional<ReachedLimit> count_within(const KeyLimits& limits, Timestamp now, const ClientAddress* client,
                                           std::string_view user_agent) noexcept;

  // Adds what was counted since the last call, at most one usage for a day. What no limit has dated is of `day`. Without id.
  void take(UtcDay day, Timestamp now, std::vector<KeyUsage>& into);
  // Another day: everything counts as not seen before.
  void begin_day(UtcDay day);
  // What all gates have written of that day, everything that was taken from here included.
  void learn(UtcDay day, std::uint64_t requests);
  void learn(UtcDay day, const std::vector<IpAddress>& addresses);
  // How many of that day are known here.
  std::size_t addresses_known(UtcDay day);

 private:
  struct Seen {
    std::set<IpAddress> addresses;  // of this day, at most addresses_a_day_max
    std::set<std::string> clients;  // of this day, at most clients_a_day_max and other_client
    std::vector<IpAddress> new_addresses;
    std::vector<std::string> new_clients;
    // For limits:
    std::optional<UtcDay> day;     // which day this is, once a limit has asked
    std::uint64_t written = 0;     // by all gates
    std::uint64_t taken = 0;       // from here, since `written` was learned
    std::vector<KeyUsage> ended;   // of days that ended before they were taken
  };
  // Made when the key is first used: most keys of a large store are not, on most days.
  struct Sightings {
    std::array<std::atomic<std::uint64_t>, 16> lately{};  // fingerprints of address and client; written under the lock
    Guarded<Seen> seen;
  };
  Sightings& sightings();
  static bool saw_lately(const Sightings& here, std::uint64_t fingerprint);
  static void note(Sightings& here, Seen& seen, std::uint64_t fingerprint, const std::optional<IpAddress>& address,
                   std::string_view user_agent);
  static void forget(Sightings& here, Seen& seen);
  void enter_day(Sightings& here, Seen& seen, UtcDay day);
  std::optional<KeyUsage> take_current(Seen& seen, UtcDay day, Timestamp now);

  std::atomic<std::uint64_t> uses_{0};
  std::atomic<std::uint64_t> denied_{0};
  std::atomic<Sightings*> sightings_{nullptr};
};

}  // namespace packyard
