#include "auth/usage_slot.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "auth/client_product.h"

namespace packyard {
namespace {

// Good for telling a key's few clients apart. Who makes two of his own collide is counted as one.
std::uint64_t fingerprint_of(const ClientAddress* client, std::string_view user_agent) {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;
  std::uint64_t fingerprint = client == nullptr ? 0 : client->fingerprint();
  fingerprint = (fingerprint ^ std::hash<std::string_view>()(user_agent)) * odd;
  fingerprint ^= fingerprint >> 32;
  return fingerprint == 0 ? 1 : fingerprint;  // 0: an empty place
}

std::optional<IpAddress> address_of(const ClientAddress* client) { return client == nullptr ? std::nullopt : client->find(); }

}  // namespace

UsageSlot::~UsageSlot() { delete sightings_.load(std::memory_order_relaxed); }

UsageSlot::Sightings& UsageSlot::sightings() {
  Sightings* there = sightings_.load(std::memory_order_acquire);
  if (there != nullptr) return *there;
  auto made = std::make_unique<Sightings>();
  // Another thread may have been first: then `there` is what it made.
  if (!sightings_.compare_exchange_strong(there, made.get(), std::memory_order_acq_rel)) return *there;
  return *made.release();
}

bool UsageSlot::saw_lately(const Sightings& here, std::uint64_t fingerprint) {
  return here.lately[fingerprint % here.lately.size()].load(std::memory_order_relaxed) == fingerprint;
}

void UsageSlot::count(const ClientAddress* client, std::string_view user_agent) noexcept {
  const std::uint64_t fingerprint = fingerprint_of(client, user_agent);
  const Sightings* const there = sightings_.load(std::memory_order_acquire);
  if (there == nullptr || !saw_lately(*there, fingerprint)) {
    try {
      Sightings& here = sightings();
      here.seen.with([&](Seen& seen) { note(here, seen, fingerprint, address_of(client), user_agent); });
    } catch (const std::exception&) {
      // Nothing that is only counted may cost an answer.
    }
  }
  // Last, so that what was noted never waits for a use that has been taken already.
  uses_.fetch_add(1, std::memory_order_relaxed);
}

void UsageSlot::note(Sightings& here, Seen& seen, std::uint64_t fingerprint, const std::optional<IpAddress>& address,
                     std::string_view user_agent) {
  if (address && seen.addresses.size() < addresses_a_day_max && seen.addresses.insert(*address).second)
    seen.new_addresses.push_back(*address);
  if (!user_agent.empty()) {
    std::string product = client_product(user_agent);
    if (seen.clients.size() >= clients_a_day_max && !seen.clients.contains(product)) product = other_client;
    if (seen.clients.insert(product).second) seen.new_clients.push_back(std::move(product));
  }
  here.lately[fingerprint % here.lately.size()].store(fingerprint, std::memory_order_relaxed);
}

std::optional<ReachedLimit> UsageSlot::count_within(const KeyLimits& limits, Timestamp now, const ClientAddress* client,
                                                    std::string_view user_agent) noexcept {
  const std::optional<IpAddress> address = address_of(client);
  std::optional<ReachedLimit> reached;
  try {
    Sightings& here = sightings();
    here.seen.with([&](Seen& seen) {
      enter_day(here, seen, UtcDay::of(now));
      const std::uint64_t requests = seen.written + seen.taken + uses_.load(std::memory_order_relaxed);
      const bool is_new = address && !seen.addresses.contains(*address);
      reached = reached_limit(limits, {requests, seen.addresses.size(), is_new}, now);
      if (reached) return count_denied();
      uses_.fetch_add(1, std::memory_order_relaxed);
      const std::uint64_t fingerprint = fingerprint_of(client, user_agent);
      if (!saw_lately(here, fingerprint)) note(here, seen, fingerprint, address, user_agent);
    });
  } catch (const std::exception&) {
    // Out of memory: the key is good, and what passes now is at worst not counted.
  }
  return reached;
}

void UsageSlot::forget(Sightings& here, Seen& seen) {
  seen.addresses.clear();
  seen.clients.clear();
  seen.written = 0;
  seen.taken = 0;
  for (auto& fingerprint : here.lately) fingerprint.store(0, std::memory_order_relaxed);
}

// What is not taken yet was counted on the day before, if a limit had asked by then.
void UsageSlot::enter_day(Sightings& here, Seen& seen, UtcDay day) {
  if (seen.day == day) return;
  if (seen.day) {
    if (auto ended = take_current(seen, *seen.day, seen.day->last_second())) seen.ended.push_back(std::move(*ended));
    forget(here, seen);
  }
  seen.day = day;
}

std::optional<KeyUsage> UsageSlot::take_current(Seen& seen, UtcDay day, Timestamp now) {
  KeyUsage usage{.id = {}, .last_used_at = std::clamp(now, day.start(), day.last_second())};
  usage.uses = uses_.exchange(0, std::memory_order_relaxed);
  usage.denied = denied_.exchange(0, std::memory_order_relaxed);
  if (usage.uses == 0 && usage.denied == 0) return std::nullopt;  // what was noted waits for the use that it belongs to
  seen.taken += usage.uses;
  usage.addresses = std::exchange(seen.new_addresses, {});
  usage.clients = std::exchange(seen.new_clients, {});
  return usage;
}

void UsageSlot::take(UtcDay day, Timestamp now, std::vector<KeyUsage>& into) {
  // Looked at before it is written: idle keys keep their cache lines.
  if (uses_.load(std::memory_order_relaxed) == 0 && denied_.load(std::memory_order_relaxed) == 0) return;
  const auto take_from = [&](Seen& seen) {
    for (KeyUsage& ended : std::exchange(seen.ended, {})) into.push_back(std::move(ended));
    if (auto current = take_current(seen, seen.day.value_or(day), now)) into.push_back(std::move(*current));
  };
  if (Sightings* const here = sightings_.load(std::memory_order_acquire); here != nullptr) return here->seen.with(take_from);
  Seen nothing;
  take_from(nothing);
}

void UsageSlot::begin_day(UtcDay day) {
  Sightings* const here = sightings_.load(std::memory_order_acquire);
  if (here == nullptr) return;
  here->seen.with([&](Seen& seen) {
    if (seen.day && *seen.day >= day) return;  // a limit was first
    if (seen.day) return enter_day(*here, seen, day);
    forget(*here, seen);
  });
}

void UsageSlot::learn(UtcDay day, std::uint64_t requests) {
  Sightings& here = sightings();
  here.seen.with([&](Seen& seen) {
    if (seen.day && *seen.day > day) return;  // midnight has passed since it was read
    enter_day(here, seen, day);
    seen.written = requests;
    seen.taken = 0;
  });
}

void UsageSlot::learn(UtcDay day, const std::vector<IpAddress>& addresses) {
  Sightings& here = sightings();
  here.seen.with([&](Seen& seen) {
    if (seen.day && *seen.day > day) return;
    enter_day(here, seen, day);
    for (const IpAddress& address : addresses)
      if (seen.addresses.size() < addresses_a_day_max) seen.addresses.insert(address);
  });
}

std::size_t UsageSlot::addresses_known(UtcDay day) {
  Sightings& here = sightings();
  return here.seen.with([&](Seen& seen) { return seen.day == day ? seen.addresses.size() : std::size_t{0}; });
}

}  // namespace packyard
