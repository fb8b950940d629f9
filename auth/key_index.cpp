#include "auth/key_index.h"

#include <cstring>

#include "core/check.h"

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

}  // namespace

struct KeyIndex::Table {
  explicit Table(std::size_t capacity) : slots(capacity) {}
  std::vector<std::atomic<const KeyEntry*>> slots;  // size is a power of two; at most half full
  std::size_t used = 0;
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
  for (auto& [id, entry] : entries_) retired_entries_.push_back(std::move(entry));
  entries_.clear();
  std::size_t capacity = capacity_min;
  while (capacity < all.size() * 2 + 2) capacity *= 2;
  auto table = std::make_unique<Table>(capacity);
  for (const KeyRecord& record : all) {
    auto entry = std::make_unique<const KeyEntry>(
        KeyEntry{record.digest, record.id, record.component, record.expires_at, record.revoked_at, &usage_.slot_for(record.id)});
    insert_into(*table, entry.get());
    entries_[record.id] = std::move(entry);
  }
  publish(std::move(table));
  size_.store(entries_.size(), std::memory_order_relaxed);
  free_unreachable();
}

// Replaces the entry of this key in its place, or adds it.
void KeyIndex::put(const KeyRecord& record) {
  auto entry = std::make_unique<const KeyEntry>(
      KeyEntry{record.digest, record.id, record.component, record.expires_at, record.revoked_at, &usage_.slot_for(record.id)});
  std::unique_ptr<const KeyEntry>& current = entries_[record.id];
  // A key's digest is made from its secret and never changes under one id.
  CHECK(!current || current->digest == entry->digest);
  if (owned_table_->used * 2 + 2 > owned_table_->slots.size()) {
    auto larger = std::make_unique<Table>(owned_table_->slots.size() * 2);
    for (const auto& slot : owned_table_->slots)
      if (const KeyEntry* kept = slot.load(std::memory_order_relaxed); kept != nullptr) insert_into(*larger, kept);
    publish(std::move(larger));
  }
  insert_into(*owned_table_, entry.get());
  if (current) retired_entries_.push_back(std::move(current));
  current = std::move(entry);
}

void KeyIndex::insert_into(Table& table, const KeyEntry* entry) {
  const std::size_t mask = table.slots.size() - 1;
  for (std::size_t at = hash_of(entry->digest) & mask;; at = (at + 1) & mask) {
    const KeyEntry* there = table.slots[at].load(std::memory_order_relaxed);
    if (there != nullptr && there->digest != entry->digest) continue;
    if (there == nullptr) ++table.used;
    table.slots[at].store(entry, std::memory_order_seq_cst);
    return;
  }
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
