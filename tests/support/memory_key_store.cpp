#include "tests/support/memory_key_store.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace packyard {

Result<void> MemoryKeyStore::insert(const KeyRecord& record) {
  return state_.with([&](State& state) -> Result<void> {
    if (state.failure) return fail(*state.failure);
    for (const auto& [id, row] : state.rows)
      if (id == record.id || row.record.digest == record.digest)
        return fail(ErrorCode::conflict, "adding key " + record.id.text + ": its id or digest exists already");
    state.rows.emplace(record.id, Row{record, ++state.generation});
    return {};
  });
}

Result<std::optional<KeyRecord>> MemoryKeyStore::find(const KeyId& id) {
  return state_.with([&](State& state) -> Result<std::optional<KeyRecord>> {
    if (state.failure) return fail(*state.failure);
    const auto found = state.rows.find(id);
    if (found == state.rows.end()) return std::optional<KeyRecord>();
    return std::optional(found->second.record);
  });
}

Result<std::vector<KeyRecord>> MemoryKeyStore::list() {
  return state_.with([&](State& state) -> Result<std::vector<KeyRecord>> {
    if (state.failure) return fail(*state.failure);
    std::vector<KeyRecord> records;
    for (const auto& [id, row] : state.rows) records.push_back(row.record);
    std::ranges::sort(records, {}, [](const KeyRecord& record) { return std::tie(record.created_at, record.id); });
    return records;
  });
}

Result<std::optional<KeyRecord>> MemoryKeyStore::revoke(const KeyId& id, Timestamp now) {
  return state_.with([&](State& state) -> Result<std::optional<KeyRecord>> {
    if (state.failure) return fail(*state.failure);
    const auto found = state.rows.find(id);
    if (found == state.rows.end()) return std::optional<KeyRecord>();
    if (!found->second.record.revoked_at) {
      found->second.record.revoked_at = now;
      found->second.generation = ++state.generation;
    }
    return std::optional(found->second.record);
  });
}

Result<std::uint64_t> MemoryKeyStore::generation() {
  return state_.with([&](State& state) -> Result<std::uint64_t> {
    if (state.failure) return fail(*state.failure);
    return state.generation;
  });
}

Result<KeyChanges> MemoryKeyStore::changes_since(std::uint64_t generation) {
  return state_.with([&](State& state) -> Result<KeyChanges> {
    if (state.failure) return fail(*state.failure);
    KeyChanges changes{state.generation, {}};
    for (const auto& [id, row] : state.rows)
      if (row.generation > generation) changes.changed.push_back(row.record);
    return changes;
  });
}

Result<void> MemoryKeyStore::add_usage(const std::vector<KeyUsage>& usage) {
  return state_.with([&](State& state) -> Result<void> {
    if (state.failure) return fail(*state.failure);
    for (const KeyUsage& used : usage) {
      const auto found = state.rows.find(used.id);
      if (found == state.rows.end()) continue;
      KeyRecord& record = found->second.record;
      record.use_count += used.uses;
      record.last_used_at = std::max(record.last_used_at.value_or(used.last_used_at), used.last_used_at);
    }
    return {};
  });
}

Result<std::vector<std::string>> MemoryKeyStore::pepper_ids() {
  return state_.with([&](State& state) -> Result<std::vector<std::string>> {
    if (state.failure) return fail(*state.failure);
    std::set<std::string> ids;
    for (const auto& [id, row] : state.rows) ids.insert(row.record.pepper_id);
    return std::vector<std::string>(ids.begin(), ids.end());
  });
}

void MemoryKeyStore::fail_with(std::optional<Error> error) {
  state_.with([&](State& state) { state.failure = std::move(error); });
}

}  // namespace packyard
