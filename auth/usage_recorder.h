// UsageRecorder: counts the use of keys in memory and hands it to the KeyStore in batches, away from the request path. A slot, once
// made for a key, lives as long as the recorder, so that indexes may be rebuilt around it. Thread-safe. What cannot be written
// is kept, by key and day, until it can, and denies nobody; what was not flushed at a crash is lost.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "auth/usage_slot.h"
#include "core/guarded.h"
#include "storage/key_store.h"

namespace packyard {

class UsageRecorder {
 public:
  UsageSlot& slot_for(const KeyId& id);
  // What was counted is dated `now`, but not past the day on which it began to be counted: exact to the interval between
  // flushes, without a clock call per request. Once a day the store forgets what is old.
  // Then hears what other gates wrote of keys with limits; call once before the first request, so that a restart forgets nothing.
  Result<void> flush(KeyStore& store, Timestamp now);

 private:
  // Counted, not written yet.
  struct Pending {
    std::map<std::pair<UtcDay, KeyId>, KeyUsage> usage;
    std::optional<UtcDay> day;         // that of the last flush
    std::optional<UtcDay> cleared_on;  // when the store was last told to forget what is old
  };
  Result<void> learn(KeyStore& store, UtcDay today);
  void collect(Pending& pending, UtcDay today, Timestamp now);
  static void add(Pending& pending, KeyUsage&& usage);

  Guarded<std::map<KeyId, std::unique_ptr<UsageSlot>>> slots_;
  Guarded<Pending> pending_;
};

}  // namespace packyard
