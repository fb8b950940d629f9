#include "auth/usage_recorder.h"

#include <algorithm>
#include <vector>

namespace packyard {

UsageSlot& UsageRecorder::slot_for(const KeyId& id) {
  return slots_.with([&](auto& slots) -> UsageSlot& {
    std::unique_ptr<UsageSlot>& slot = slots[id];
    if (!slot) slot = std::make_unique<UsageSlot>();
    return *slot;
  });
}

void UsageRecorder::add(Pending& pending, KeyUsage&& usage) {
  const std::pair place(UtcDay::of(usage.last_used_at), usage.id);
  const auto [found, is_new] = pending.usage.try_emplace(place, std::move(usage));
  if (is_new) return;
  KeyUsage& kept = found->second;
  kept.uses += usage.uses;
  kept.denied += usage.denied;
  kept.last_used_at = std::max(kept.last_used_at, usage.last_used_at);
  // A slot names each once a day, so these stay within their bounds.
  kept.addresses.insert(kept.addresses.end(), usage.addresses.begin(), usage.addresses.end());
  kept.clients.insert(kept.clients.end(), usage.clients.begin(), usage.clients.end());
}

void UsageRecorder::collect(Pending& pending, UtcDay today, Timestamp now) {
  const UtcDay day = pending.day.value_or(today);
  std::vector<KeyUsage> taken;
  slots_.with([&](auto& slots) {
    for (auto& [id, slot] : slots) {
      slot->take(day, now, taken);
      for (KeyUsage& usage : taken) {
        usage.id = id;
        add(pending, std::move(usage));
      }
      taken.clear();
      if (day != today) slot->begin_day(today);
    }
  });
  pending.day = today;
}

// Everything that was taken from the slots is written by now, so what the store has is all of it.
Result<void> UsageRecorder::learn(KeyStore& store, UtcDay today) {
  TRY_ASSIGN(const auto limited, store.limited_use_on(today));
  for (const LimitedUse& use : limited) {
    UsageSlot& slot = slot_for(use.id);
    slot.learn(today, use.requests);
    if (use.addresses <= slot.addresses_known(today)) continue;
    TRY_ASSIGN(const DayUse day, store.use_on(use.id, today));
    slot.learn(today, day.addresses);
  }
  return {};
}

Result<void> UsageRecorder::flush(KeyStore& store, Timestamp now) {
  return pending_.with([&](Pending& pending) -> Result<void> {
    const UtcDay today = UtcDay::of(now);
    collect(pending, today, now);
    std::vector<KeyUsage> batch;
    batch.reserve(pending.usage.size());
    for (const auto& [place, usage] : pending.usage) batch.push_back(usage);
    if (!batch.empty()) TRY(store.add_usage(batch));
    pending.usage.clear();
    TRY(learn(store, today));
    if (pending.cleared_on == today) return {};
    pending.cleared_on = today;  // once: on a disk that takes nothing it may wait a day
    return store.forget_old_usage(today);
  });
}

}  // namespace packyard
