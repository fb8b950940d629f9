#include "auth/usage_slot.h"

#include <cstring>
#include <functional>
#include <memory>
#include <utility>

#include "auth/client_product.h"

namespace packyard {
namespace {

// Good for telling a key's few clients apart. Who makes two of his own collide is counted as one.
std::uint64_t fingerprint_of(const std::optional<IpAddress>& address, std::string_view user_agent) {
  std::uint64_t fingerprint = std::hash<std::string_view>()(user_agent);
  if (address) {
    constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;
    std::array<std::uint64_t, 2> halves{};
    std::memcpy(halves.data(), address->bytes.data(), sizeof halves);
    for (const std::uint64_t half : halves) {
      fingerprint = (fingerprint ^ half) * odd;
      fingerprint ^= fingerprint >> 32;
    }
  }
  return fingerprint == 0 ? 1 : fingerprint;  // 0: an empty place
}

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

void UsageSlot::count(const ClientAddress* client, std::string_view user_agent) noexcept {
  const std::optional<IpAddress> address = client == nullptr ? std::nullopt : client->find();
  if (address || !user_agent.empty()) {
    const std::uint64_t fingerprint = fingerprint_of(address, user_agent);
    const Sightings* const there = sightings_.load(std::memory_order_acquire);
    const bool seen = there != nullptr &&
                      there->lately[fingerprint % there->lately.size()].load(std::memory_order_relaxed) == fingerprint;
    try {
      if (!seen) note(fingerprint, address, user_agent);
    } catch (const std::exception&) {
      // Nothing that is only counted may cost an answer.
    }
  }
  // Last, so that what was noted never waits for a use that has been taken already.
  uses_.fetch_add(1, std::memory_order_relaxed);
}

void UsageSlot::note(std::uint64_t fingerprint, const std::optional<IpAddress>& address, std::string_view user_agent) {
  std::string product = user_agent.empty() ? std::string() : client_product(user_agent);
  Sightings& here = sightings();
  here.seen.with([&](Seen& seen) {
    if (address && seen.addresses.size() < addresses_a_day_max && seen.addresses.insert(*address).second)
      seen.new_addresses.push_back(*address);
    if (!product.empty()) {
      if (seen.clients.size() >= clients_a_day_max && !seen.clients.contains(product)) product = other_client;
      if (seen.clients.insert(product).second) seen.new_clients.push_back(std::move(product));
    }
    here.lately[fingerprint % here.lately.size()].store(fingerprint, std::memory_order_relaxed);
  });
}

bool UsageSlot::take(KeyUsage& usage) {
  // Looked at before it is written: idle keys keep their cache lines.
  if (uses_.load(std::memory_order_relaxed) == 0 && denied_.load(std::memory_order_relaxed) == 0) return false;
  usage.uses = uses_.exchange(0, std::memory_order_relaxed);
  usage.denied = denied_.exchange(0, std::memory_order_relaxed);
  if (Sightings* const here = sightings_.load(std::memory_order_acquire); here != nullptr)
    here->seen.with([&](Seen& seen) {
      usage.addresses = std::exchange(seen.new_addresses, {});
      usage.clients = std::exchange(seen.new_clients, {});
    });
  return true;
}

void UsageSlot::begin_day() {
  Sightings* const here = sightings_.load(std::memory_order_acquire);
  if (here == nullptr) return;
  here->seen.with([&](Seen& seen) {
    seen.addresses.clear();
    seen.clients.clear();
    for (auto& fingerprint : here->lately) fingerprint.store(0, std::memory_order_relaxed);
  });
}

}  // namespace packyard
