#include "auth/usage_recorder.h"

namespace packyard {

UsageSlot& UsageRecorder::slot_for(const KeyId& id) {
  return slots_.with([&](auto& slots) -> UsageSlot& {
    std::unique_ptr<UsageSlot>& slot = slots[id];
    if (!slot) slot = std::make_unique<UsageSlot>();
    return *slot;
  });
}

Result<void> UsageRecorder::flush(KeyStore& store, Timestamp now) {
  std::vector<KeyUsage> batch;
  slots_.with([&](auto& slots) {
    for (auto& [id, slot] : slots)
      if (const std::uint64_t uses = slot->uses.exchange(0, std::memory_order_relaxed); uses > 0)
        batch.push_back({id, uses, now});
  });
  if (batch.empty()) return {};
  auto written = store.add_usage(batch);
  if (!written)
    for (const KeyUsage& usage : batch) slot_for(usage.id).uses.fetch_add(usage.uses, std::memory_order_relaxed);
  return written;
}

}  // namespace packyard
