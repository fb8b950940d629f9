// UsageSlot: what a gate counts of one key until it is written: requests, denied requests, and the addresses and clients that were
// not seen before on this day. Counting is a relaxed addition and a look into a small table of what was seen lately; a lock is
// taken only for what is not there. Thread-safe; never fails, never throws: without memory something goes unnoted.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "auth/client_address.h"
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
  // Moves what was counted since the last call into `usage` (uses, denied, addresses, clients); false when there is nothing.
  bool take(KeyUsage& usage);
  // Another day: everything counts as not seen before.
  void begin_day();

 private:
  struct Seen {
    std::set<IpAddress> addresses;  // of this day, at most addresses_a_day_max
    std::set<std::string> clients;  // of this day, at most clients_a_day_max and other_client
    std::vector<IpAddress> new_addresses;
    std::vector<std::string> new_clients;
  };
  // Made when the key is first used: most keys of a large store are not, on most days.
  struct Sightings {
    std::array<std::atomic<std::uint64_t>, 16> lately{};  // fingerprints of address and client; written under the lock
    Guarded<Seen> seen;
  };
  Sightings& sightings();
  void note(std::uint64_t fingerprint, const std::optional<IpAddress>& address, std::string_view user_agent);

  std::atomic<std::uint64_t> uses_{0};
  std::atomic<std::uint64_t> denied_{0};
  std::atomic<Sightings*> sightings_{nullptr};
};

}  // namespace packyard
