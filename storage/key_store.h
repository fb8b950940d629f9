// KeyStore: the rows about subscriber keys. Keeps, decides nothing. Implementations: SQLite (storage/sqlite_key_store.h) and
// memory (tests/support); both pass tests/conformance/key_store_suite. Thread-safe. Absence is a value, failure an Error.
// Every change raises generation() by one or more; changes_since(g) gives the rows changed after g, so that a gate follows.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/digest.h"
#include "core/result.h"
#include "core/timestamp.h"
#include "storage/key_id.h"
#include "storage/key_limits.h"
#include "storage/key_scope.h"
#include "storage/key_usage.h"

namespace packyard {

// A secret that a rotation replaced: it opens what the key opens until its time has come.
struct FormerSecret {
  Sha256 digest;
  std::string pepper_id;
  Timestamp valid_until;

  bool operator==(const FormerSecret&) const = default;
};

struct KeyRecord {
  KeyId id;
  Sha256 digest;  // HMAC-SHA-256 of the key with the pepper named below
  std::string pepper_id;
  KeyScope scope;
  std::string label;  // 1 to 200 characters of UTF-8, no control characters
  Timestamp created_at;
  std::optional<Timestamp> not_before{};
  std::optional<Timestamp> expires_at{};
  std::chrono::seconds grace{0};  // after expires_at: requests still pass, and answers warn
  std::optional<Timestamp> revoked_at{};
  std::optional<Timestamp> suspended_at{};
  std::vector<FormerSecret> former_secrets{};  // the one that lives longest first
  std::string metadata{};  // empty, or one JSON object of the operator's, without white space between its parts
  KeyLimits limits{};
  std::optional<Timestamp> last_used_at{};
  std::uint64_t use_count = 0;

  bool operator==(const KeyRecord&) const = default;
};

struct KeyChanges {
  std::uint64_t generation = 0;    // the store's generation when these rows were read, in the same transaction
  std::vector<KeyRecord> changed;  // current state of every row changed after the asked generation
};

// Changes a record in memory, or leaves it as it is. Called once or twice, each time with the newest state; must not touch the
// store, and gives the same for the same record.
using KeyEdit = std::function<void(KeyRecord& record)>;

struct KeyQuery;  // storage/key_query.h

// The place behind one key in the order of lists.
struct KeyCursor {
  Timestamp created_at;
  KeyId id;
  auto operator<=>(const KeyCursor&) const = default;
};

struct KeyPage {
  std::vector<KeyRecord> records;
  std::optional<KeyCursor> next;  // behind the last of them, when there are more
};

class KeyStore {
 public:
  virtual ~KeyStore() = default;
  // conflict when the id exists, or a digest of it, be it the current or a former one of any key
  virtual Result<void> insert(const KeyRecord& record) = 0;
  // All or none, as one change.
  virtual Result<void> insert_all(const std::vector<KeyRecord>& records) = 0;
  virtual Result<std::optional<KeyRecord>> find(const KeyId& id) = 0;
  virtual Result<KeyPage> list(const KeyQuery& query) = 0;
  virtual Result<std::vector<KeyRecord>> list() = 0;  // all, by created_at, then id
  // The key that the digest opens or once opened, as a current or a former secret.
  virtual Result<std::optional<KeyRecord>> find_by_digest(const Sha256& digest) = 0;
  // Idempotent: the first revocation's time stays. Absent id gives nullopt.
  virtual Result<std::optional<KeyRecord>> revoke(const KeyId& id, Timestamp now) = 0;
  // Reads, edits and writes the row in one transaction; conflict as for insert(). What no change may touch (id, created_at,
  // last_used_at, use_count) stays, whatever the edit did. An edit that changes nothing needs no writable store and raises no
  // generation. Absent id gives nullopt, and the edit is not called.
  virtual Result<std::optional<KeyRecord>> edit(const KeyId& id, const KeyEdit& edit) = 0;
  virtual Result<std::uint64_t> generation() = 0;
  virtual Result<KeyChanges> changes_since(std::uint64_t generation) = 0;
  // Adds to each key's counters and to its day: numbers add up, sets unite, whichever gate tells. All or none; does not raise the
  // generation; unknown ids are ignored.
  virtual Result<void> add_usage(const std::vector<KeyUsage>& usage) = 0;
  // Of a key that is not there, no days.
  virtual Result<UsagePage> usage_of(const KeyId& id, const UsageQuery& query) = 0;
  // Of that day, as far as it was added; nothing of a key that is not there.
  virtual Result<DayUse> use_on(const KeyId& id, UtcDay day) = 0;
  // Of every key with limits that was used on that day.
  virtual Result<std::vector<LimitedUse>> limited_use_on(UtcDay day) = 0;
  // Forgets days that are older than usage_days_max, and addresses older than address_days_max, as seen on this day.
  virtual Result<void> forget_old_usage(UtcDay today) = 0;
  virtual Result<std::vector<std::string>> pepper_ids() = 0;  // those that any row names
};

}  // namespace packyard
