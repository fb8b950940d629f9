#include "auth/key_index.h"

#include <cstring>
#include <utility>

namespace packyard {
namespace {

constexpr std::size_t capacity_min = 64;

// The digest is an HMAC: any eight bytes of it are as good as a hash, and nobody outside can steer them.
std::size_t hash_of(const Sha256& digest) {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.bytes.data(), sizeof hash);
  return hash;
}

bool equal_in_constant_time(const Sha256& left, const Sha256& right) {
  unsigned difference = 0;
  for (std::size_t i = 0; i < left.bytes.size(); ++i) difference |= static_cast<unsigned>(left.bytes[i] ^ right.bytes[i]);
  return difference == 0;
}

// Stands where an entry was, so that probes go on past it. No HMAC of a key is all zeros.
const KeyEntry& removed_mark() {
  static const KeyEntry mark{};
  return mark;
}

}  // namespace

struct KeyIndex::Table {
  explicit Table(std::size_t capacity) : slots(capacity) {}
  std::vector<std::atomic<const KeyEntry*>> slots;  // size is a power of two; at most half full, marks included
  std::size_t used = 0;

  void insert(const KeyEntry* entry) {
    const std::size_t mask = slots.size() - 1;
    for (std::size_t at = hash_of(entry->digest) & mask;; at = (at + 1) & mask) {
      const KeyEntry* there = slots[at].load(std::memory_order_relaxed);
      if (there != nullptr && there->digest != entry->digest) continue;
      if (there == nullptr) ++used;
      slots[at].store(entry, std::memory_order_seq_cst);
      return;
    }
  }
  // Unless another entry has taken its place already.
  void remove(const KeyEntry* entry) {
    const std::size_t mask = slots.size() - 1;
    for (std::size_t at = hash_of(entry->digest) & mask;; at = (at + 1) & mask) {
      const KeyEntry* there = slots[at].load(std::memory_order_relaxed);
      if (there == entry) slots[at].store(&removed_mark(), std::memory_order_seq_cst);
      if (there == nullptr || there == entry || there->digest == entry->digest) return;
    }
  }
};

KeyIndex::KeyIndex(UsageRecorder& usage) : usage_(usage), table_(nullptr) { publish(std::make_unique<Table>(capacity_min)); }
KeyIndex::~KeyIndex() = default;

const KeyEntry* KeyIndex::Reading::find(const Sha256& digest) const {
  const Table& table = *index_.table_.load(std::memory_order_seq_cst);
  const std::size_t mask = table.slots.size() - 1;
  for (std::size_t at = hash_of(digest) & mask;; at = (at + 1) & mask) {
    const KeyEntry* entry = table.slots[at].load(std::memory_order_seq_cst);
    if (entry == nullptr) return nullptr;
    if (equal_in_constant_time(entry->digest, digest)) return entry;
  }
}

void KeyIndex::apply(const std::vector<KeyRecord>& changed) {
  const std::lock_guard lock(writing_);
  for (const KeyRecord& record : changed) put(record);
  size_.store(entries_.size(), std::memory_order_relaxed);
  free_unreachable();
}

void KeyIndex::replace_all(const std::vector<KeyRecord>& all) {
  const std::lock_guard lock(writing_);
  for (auto& [id, holding] : entries_) retire(std::move(holding));
  entries_.clear();
  secrets_ = 0;
  for (const KeyRecord& record : all) secrets_ += 1 + record.former_secrets.size();
  std::size_t capacity = capacity_min;
  while (capacity < secrets_ * 2 + 2) capacity *= 2;
  auto table = std::make_unique<Table>(capacity);
  for (const KeyRecord& record : all) {
    Holding holding = holding_of(record);
    insert_all(*table, holding);
    entries_[record.id] = std::move(holding);
  }
  publish(std::move(table));
  size_.store(entries_.size(), std::memory_order_relaxed);
  free_unreachable();
}

KeyIndex::Holding KeyIndex::holding_of(const KeyRecord& record) {
  Holding holding;
  for (KeyEntry& entry : key_entries_of(record, scopes_.one_of(record.scope), &usage_.slot_for(record.id))) {
    auto kept = std::make_unique<const KeyEntry>(std::move(entry));
    if (!holding.current)
      holding.current = std::move(kept);
    else
      holding.former.push_back(std::move(kept));
  }
  return holding;
}

void KeyIndex::insert_all(Table& table, const Holding& holding) {
  table.insert(holding.current.get());
  for (const Entry& entry : holding.former) table.insert(entry.get());
}

// Replaces the entries of this key in their places or adds them, then takes out those of secrets it has no more: at no moment
// is a secret missing that opens before and after.
void KeyIndex::put(const KeyRecord& record) {
  Holding holding = holding_of(record);
  make_room(1 + holding.former.size());
  insert_all(*owned_table_, holding);
  secrets_ += 1 + holding.former.size();
  Holding before = std::exchange(entries_[record.id], std::move(holding));
  if (!before.current) return;
  secrets_ -= 1 + before.former.size();
  owned_table_->remove(before.current.get());
  for (const Entry& entry : before.former) owned_table_->remove(entry.get());
  retire(std::move(before));
}

// A larger table, or one of the same size without the marks of what was removed.
void KeyIndex::make_room(std::size_t entries) {
  if ((owned_table_->used + entries) * 2 <= owned_table_->slots.size()) return;
  std::size_t capacity = capacity_min;
  while (capacity < (secrets_ + entries) * 4) capacity *= 2;
  auto table = std::make_unique<Table>(capacity);
  for (const auto& [id, holding] : entries_) insert_all(*table, holding);
  publish(std::move(table));
}

void KeyIndex::retire(Holding holding) {
  if (holding.current) retired_entries_.push_back(std::move(holding.current));
  for (Entry& entry : holding.former) retired_entries_.push_back(std::move(entry));
}

void KeyIndex::publish(std::unique_ptr<Table> table) {
  table_.store(table.get(), std::memory_order_seq_cst);
  if (owned_table_) retired_tables_.push_back(std::move(owned_table_));
  owned_table_ = std::move(table);
}

void KeyIndex::free_unreachable() {
  if (retired_entries_.empty() && retired_tables_.empty()) return;
  if (!readers_.all_left_since_unlink()) return;
  retired_entries_.clear();
  retired_tables_.clear();
}

}  // namespace packyard
