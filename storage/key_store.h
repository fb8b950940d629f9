// KeyStore: the rows about subscriber keys. Keeps, decides nothing. Implementations: SQLite (storage/sqlite_key_store.h) and
// memory (tests/support); both pass tests/conformance/key_store_suite. Thread-safe. Absence is a value, failure an Error.
// Every change raises generation() by one or more; changes_since(g) gives the rows changed after g, so that a gate follows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/digest.h"
#include "core/names.h"
#include "core/result.h"
#include "core/timestamp.h"

namespace packyard {

// "key_" + 16 base62 characters: random, not derived from the key; safe to log and to put in URLs.
struct KeyId {
  std::string text;
  auto operator<=>(const KeyId&) const = default;
};

struct KeyRecord {
  KeyId id;
  Sha256 digest;  // HMAC-SHA-256 of the key with the pepper named below
  std::string pepper_id;
  ComponentName component;
  std::string label;  // 1 to 200 characters of UTF-8, no control characters
  Timestamp created_at;
  std::optional<Timestamp> expires_at;
  std::optional<Timestamp> revoked_at;
  std::optional<Timestamp> last_used_at;
  std::uint64_t use_count = 0;
};

struct KeyChanges {
  std::uint64_t generation = 0;    // the store's generation when these rows were read, in the same transaction
  std::vector<KeyRecord> changed;  // current state of every row changed after the asked generation
};

struct KeyUsage {
  KeyId id;
  std::uint64_t uses = 0;
  Timestamp last_used_at;
};

class KeyStore {
 public:
  virtual ~KeyStore() = default;
  virtual Result<void> insert(const KeyRecord& record) = 0;  // conflict when id or digest exists
  virtual Result<std::optional<KeyRecord>> find(const KeyId& id) = 0;
  virtual Result<std::vector<KeyRecord>> list() = 0;  // by created_at, then id
  // Idempotent: the first revocation's time stays. Absent id gives nullopt.
  virtual Result<std::optional<KeyRecord>> revoke(const KeyId& id, Timestamp now) = 0;
  virtual Result<std::uint64_t> generation() = 0;
  virtual Result<KeyChanges> changes_since(std::uint64_t generation) = 0;
  virtual Result<void> add_usage(
      const std::vector<KeyUsage>& usage) = 0;                // does not raise the generation; unknown ids are ignored
  virtual Result<std::vector<std::string>> pepper_ids() = 0;  // those that any row names
};

}  // namespace packyard
