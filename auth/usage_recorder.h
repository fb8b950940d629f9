// UsageRecorder: counts uses per key in memory and hands them to the KeyStore in batches, away from the request path. A slot,
// once made for a key, lives as long as the recorder, so that indexes may be rebuilt around it. Thread-safe; counting is one
// relaxed addition. A failed flush keeps the counts for the next and denies nobody; what was not flushed at a crash is lost.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>

#include "core/guarded.h"
#include "storage/key_store.h"

namespace packyard {

struct UsageSlot {
  std::atomic<std::uint64_t> uses{0};  // since the last flush
  void count() { uses.fetch_add(1, std::memory_order_relaxed); }
};

class UsageRecorder {
 public:
  UsageSlot& slot_for(const KeyId& id);
  // last_used_at is written as `now`: exact to the interval between flushes, without a clock call per request.
  Result<void> flush(KeyStore& store, Timestamp now);

 private:
  Guarded<std::map<KeyId, std::unique_ptr<UsageSlot>>> slots_;
};

}  // namespace packyard
