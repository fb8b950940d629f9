// MemoryKeyStore: a KeyStore without a disk, for tests of what stands on one. Passes the same suite as the SQLite one
// (tests/conformance/key_store_suite). Thread-safe. fail_with() makes every later call fail, to show what callers do then.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "core/guarded.h"
#include "storage/key_store.h"

namespace packyard {

class MemoryKeyStore final : public KeyStore {
 public:
  Result<void> insert(const KeyRecord& record) override;
  Result<void> insert_all(const std::vector<KeyRecord>& records) override;
  Result<std::optional<KeyRecord>> find(const KeyId& id) override;
  Result<KeyPage> list(const KeyQuery& query) override;
  Result<std::vector<KeyRecord>> list() override;
  Result<std::optional<KeyRecord>> find_by_digest(const Sha256& digest) override;
  Result<std::optional<KeyRecord>> revoke(const KeyId& id, Timestamp now) override;
  Result<std::optional<KeyRecord>> edit(const KeyId& id, const KeyEdit& edit) override;
  Result<std::uint64_t> generation() override;
  Result<KeyChanges> changes_since(std::uint64_t generation) override;
  Result<void> add_usage(const std::vector<KeyUsage>& usage) override;
  Result<UsagePage> usage_of(const KeyId& id, const UsageQuery& query) override;
  Result<DayUse> use_on(const KeyId& id, UtcDay day) override;
  Result<std::vector<LimitedUse>> limited_use_on(UtcDay day) override;
  Result<void> forget_old_usage(UtcDay today) override;
  Result<std::vector<std::string>> pepper_ids() override;

  void fail_with(std::optional<Error> error);

 private:
  struct Day {
    UsageDay usage;
    std::set<IpAddress> addresses{};
  };
  struct Row {
    KeyRecord record;
    std::uint64_t generation;
    std::map<UtcDay, Day> days{};
  };
  struct State {
    std::map<KeyId, Row> rows;
    std::uint64_t generation = 0;
    std::optional<Error> failure;
  };
  static void add_to_day(Row& row, const KeyUsage& used);
  static bool collides(const State& state, const KeyRecord& record);
  Guarded<State> state_;
};

}  // namespace packyard
