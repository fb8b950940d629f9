// KeyEntry: what the decision needs of one secret of a key, laid out for it: no time is absent, so that one comparison each
// decides. Never changes once it is in the index; shared by all threads.
#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "auth/usage_slot.h"
#include "core/digest.h"
#include "core/timestamp.h"
#include "storage/key_scope.h"
#include "storage/key_store.h"

namespace packyard {

struct KeyEntry {
  Sha256 digest;
  KeyId id;
  std::shared_ptr<const KeyScope> scope;  // shared by keys of one scope
  Timestamp opens_at{std::numeric_limits<std::int64_t>::min()};
  Timestamp expires_at{std::numeric_limits<std::int64_t>::max()};  // from here on it passes with a warning
  Timestamp ends_at{std::numeric_limits<std::int64_t>::max()};     // from here on it is refused
  Timestamp replaced_at{std::numeric_limits<std::int64_t>::max()};  // of a former secret: the end of its overlap
  bool is_timed = false;                                           // the clock is asked only then
  bool is_revoked = false;
  bool is_suspended = false;
  bool is_limited = false;  // the clock is asked then, too, and a lock taken
  KeyLimits limits{};
  UsageSlot* usage = nullptr;  // owned by the UsageRecorder
};

// Those of a record: of its secret first, then of its former ones. They count into `usage`, or nowhere.
std::vector<KeyEntry> key_entries_of(const KeyRecord& record, std::shared_ptr<const KeyScope> scope, UsageSlot* usage);

}  // namespace packyard
