// ForwardingKeyStore: hands every call to another store, which tests may keep elsewhere or change. Thread-safe as that one is.
#pragma once

#include "storage/key_query.h"
#include "storage/key_store.h"

namespace packyard {

class ForwardingKeyStore : public KeyStore {
 public:
  explicit ForwardingKeyStore(KeyStore* store) : current(store) {}
  Result<void> insert(const KeyRecord& record) override { return current->insert(record); }
  Result<void> insert_all(const std::vector<KeyRecord>& records) override { return current->insert_all(records); }
  Result<std::optional<KeyRecord>> find(const KeyId& id) override { return current->find(id); }
  Result<std::optional<KeyRecord>> find_by_digest(const Sha256& digest) override { return current->find_by_digest(digest); }
  Result<KeyPage> list(const KeyQuery& query) override { return current->list(query); }
  Result<std::vector<KeyRecord>> list() override { return current->list(); }
  Result<std::optional<KeyRecord>> revoke(const KeyId& id, Timestamp now) override { return current->revoke(id, now); }
  Result<std::optional<KeyRecord>> edit(const KeyId& id, const KeyEdit& change) override { return current->edit(id, change); }
  Result<std::uint64_t> generation() override { return current->generation(); }
  Result<KeyChanges> changes_since(std::uint64_t since) override { return current->changes_since(since); }
  Result<void> add_usage(const std::vector<KeyUsage>& usage) override { return current->add_usage(usage); }
  Result<UsagePage> usage_of(const KeyId& id, const UsageQuery& query) override { return current->usage_of(id, query); }
  Result<DayUse> use_on(const KeyId& id, UtcDay day) override { return current->use_on(id, day); }
  Result<std::vector<LimitedUse>> limited_use_on(UtcDay day) override { return current->limited_use_on(day); }
  Result<void> forget_old_usage(UtcDay today) override { return current->forget_old_usage(today); }
  Result<std::vector<std::string>> pepper_ids() override { return current->pepper_ids(); }

  KeyStore* current;
};

}  // namespace packyard
