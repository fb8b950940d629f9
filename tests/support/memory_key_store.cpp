#include "tests/support/memory_key_store.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "storage/key_query.h"

namespace packyard {
namespace {

std::vector<Sha256> digests_of(const KeyRecord& record) {
  std::vector<Sha256> digests = {record.digest};
  for (const FormerSecret& secret : record.former_secrets) digests.push_back(secret.digest);
  return digests;
}

bool holds(const KeyRecord& record, const Sha256& digest) {
  const std::vector<Sha256> digests = digests_of(record);
  return std::ranges::find(digests, digest) != digests.end();
}

bool is_asked_for(const KeyRecord& record, const KeyQuery& query) {
  const auto& components = record.scope.components;
  if (query.after && KeyCursor{record.created_at, record.id} <= *query.after) return false;
  if (query.component && std::ranges::find(components, *query.component) == components.end()) return false;
  if (query.status && status_of(record, query.now) != *query.status) return false;
  if (query.expires_before && !(record.expires_at && *record.expires_at < *query.expires_before)) return false;
  const std::string part = lower_case(query.search);
  return lower_case(record.label).find(part) != std::string::npos || lower_case(record.id.text).find(part) != std::string::npos ||
         lower_case(record.metadata).find(part) != std::string::npos;
}

}  // namespace

bool MemoryKeyStore::collides(const State& state, const KeyRecord& record) {
  for (const auto& [id, row] : state.rows)
    if (id != record.id)
      for (const Sha256& digest : digests_of(record))
        if (holds(row.record, digest)) return true;
  return false;
}

Result<void> MemoryKeyStore::insert(const KeyRecord& record) {
  return state_.with([&](State& state) -> Result<void> {
    if (state.failure) return fail(*state.failure);
    if (state.rows.contains(record.id) || collides(state, record))
      return fail(ErrorCode::conflict, "adding key " + record.id.text + ": its id or digest exists already");
    state.rows.emplace(record.id, Row{record, ++state.generation});
    return {};
  });
}

Result<void> MemoryKeyStore::insert_all(const std::vector<KeyRecord>& records) {
  return state_.with([&](State& state) -> Result<void> {
    if (state.failure) return fail(*state.failure);
    const State before = state;
    if (!records.empty()) ++state.generation;
    for (const KeyRecord& record : records) {
      const bool exists = state.rows.contains(record.id) || collides(state, record);
      if (exists) state = before;
      if (exists) return fail(ErrorCode::conflict, "adding key " + record.id.text + ": its id or digest exists already");
      state.rows.emplace(record.id, Row{record, state.generation});
    }
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

Result<KeyPage> MemoryKeyStore::list(const KeyQuery& query) {
  TRY_ASSIGN(auto records, list());
  std::erase_if(records, [&](const KeyRecord& record) { return !is_asked_for(record, query); });
  if (query.limit != 0 && records.size() > query.limit + 1)
    records.erase(records.begin() + static_cast<std::ptrdiff_t>(query.limit) + 1, records.end());
  return page_of(std::move(records), query.limit);
}

Result<std::optional<KeyRecord>> MemoryKeyStore::find_by_digest(const Sha256& digest) {
  return state_.with([&](State& state) -> Result<std::optional<KeyRecord>> {
    if (state.failure) return fail(*state.failure);
    for (const auto& [id, row] : state.rows)
      if (holds(row.record, digest)) return std::optional(row.record);
    return std::optional<KeyRecord>();
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

Result<std::optional<KeyRecord>> MemoryKeyStore::edit(const KeyId& id, const KeyEdit& edit) {
  return state_.with([&](State& state) -> Result<std::optional<KeyRecord>> {
    if (state.failure) return fail(*state.failure);
    const auto found = state.rows.find(id);
    if (found == state.rows.end()) return std::optional<KeyRecord>();
    KeyRecord& kept = found->second.record;
    KeyRecord edited = kept;
    edit(edited);
    std::tie(edited.id, edited.created_at, edited.last_used_at, edited.use_count) =
        std::tie(kept.id, kept.created_at, kept.last_used_at, kept.use_count);
    std::ranges::sort(edited.former_secrets, [](const FormerSecret& left, const FormerSecret& right) {
      return left.valid_until != right.valid_until ? left.valid_until > right.valid_until : left.digest < right.digest;
    });
    if (edited == kept) return std::optional(kept);
    if (collides(state, edited)) return fail(ErrorCode::conflict, "changing key " + id.text + ": its digest exists already");
    kept = std::move(edited);
    found->second.generation = ++state.generation;
    return std::optional(kept);
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
      add_to_day(found->second, used);
      if (used.uses == 0) continue;
      record.use_count += used.uses;
      record.last_used_at = std::max(record.last_used_at.value_or(used.last_used_at), used.last_used_at);
    }
    return {};
  });
}

void MemoryKeyStore::add_to_day(Row& row, const KeyUsage& used) {
  const UtcDay number = UtcDay::of(used.last_used_at);
  Day& day = row.days.try_emplace(number, Day{UsageDay{.day = number}}).first->second;
  UsageDay& usage = day.usage;
  usage.requests += used.uses;
  usage.denied += used.denied;
  if (used.uses > 0) usage.first_at = std::min(usage.first_at.value_or(used.last_used_at), used.last_used_at);
  if (used.uses > 0) usage.last_at = std::max(usage.last_at.value_or(used.last_used_at), used.last_used_at);
  for (const IpAddress& address : used.addresses)
    if (usage.addresses < addresses_a_day_max && day.addresses.insert(address).second) ++usage.addresses;
  usage.clients = unite_clients(std::move(usage.clients), used.clients);
}

Result<UsagePage> MemoryKeyStore::usage_of(const KeyId& id, const UsageQuery& query) {
  return state_.with([&](State& state) -> Result<UsagePage> {
    if (state.failure) return fail(*state.failure);
    std::vector<UsageDay> days;
    const auto found = state.rows.find(id);
    if (found == state.rows.end()) return UsagePage{};
    for (const auto& [number, day] : found->second.days) {
      const bool is_asked_for = (!query.from || number >= *query.from) && (!query.to || number <= *query.to) &&
                                (!query.after || number > *query.after);
      if (is_asked_for) days.push_back(day.usage);
    }
    return usage_page_of(std::move(days), query.limit);
  });
}

Result<DayUse> MemoryKeyStore::use_on(const KeyId& id, UtcDay day) {
  return state_.with([&](State& state) -> Result<DayUse> {
    if (state.failure) return fail(*state.failure);
    const auto found = state.rows.find(id);
    if (found == state.rows.end() || !found->second.days.contains(day)) return DayUse{};
    const Day& kept = found->second.days.at(day);
    return DayUse{kept.usage.requests, {kept.addresses.begin(), kept.addresses.end()}};
  });
}

Result<std::vector<LimitedUse>> MemoryKeyStore::limited_use_on(UtcDay day) {
  return state_.with([&](State& state) -> Result<std::vector<LimitedUse>> {
    if (state.failure) return fail(*state.failure);
    std::vector<LimitedUse> all;
    for (const auto& [id, row] : state.rows)
      if (const auto found = row.days.find(day); row.record.limits.any() && found != row.days.end())
        all.push_back({id, found->second.usage.requests, found->second.usage.addresses});
    return all;
  });
}

Result<void> MemoryKeyStore::forget_old_usage(UtcDay today) {
  return state_.with([&](State& state) -> Result<void> {
    if (state.failure) return fail(*state.failure);
    for (auto& [id, row] : state.rows) {
      std::erase_if(row.days, [&](const auto& entry) { return entry.first < today.before(usage_days_max); });
      for (auto& [number, day] : row.days)
        if (number < today.before(address_days_max)) day.addresses.clear();
    }
    return {};
  });
}

Result<std::vector<std::string>> MemoryKeyStore::pepper_ids() {
  return state_.with([&](State& state) -> Result<std::vector<std::string>> {
    if (state.failure) return fail(*state.failure);
    std::set<std::string> ids;
    for (const auto& [id, row] : state.rows) {
      ids.insert(row.record.pepper_id);
      for (const FormerSecret& secret : row.record.former_secrets) ids.insert(secret.pepper_id);
    }
    return std::vector<std::string>(ids.begin(), ids.end());
  });
}

void MemoryKeyStore::fail_with(std::optional<Error> error) {
  state_.with([&](State& state) { state.failure = std::move(error); });
}

}  // namespace packyard
