// KeyIndex: every key by the digest of its secret and of those that rotations replaced, in memory, for the gate's decision. Readers
// take no lock and allocate nothing (a probe in an open-addressing table of plain atomic pointers, inside a ReaderGate); the
// writer replaces entries singly and frees what it replaced when no reader can hold it. find() may be called from many threads,
// apply() and replace_all() from one at a time (they lock). Fails never.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "auth/key_entry.h"
#include "auth/reader_gate.h"
#include "auth/scope_pool.h"
#include "auth/usage_recorder.h"
#include "storage/key_store.h"

namespace packyard {

class KeyIndex {
 public:
  explicit KeyIndex(UsageRecorder& usage);
  ~KeyIndex();
  KeyIndex(const KeyIndex&) = delete;
  KeyIndex& operator=(const KeyIndex&) = delete;

  // Hold one while using what find() returned.
  class Reading {
   public:
    explicit Reading(KeyIndex& index) : index_(index), inside_(index.readers_) {}
    const KeyEntry* find(const Sha256& digest) const;

   private:
    KeyIndex& index_;
    ReaderGate::Inside inside_;
  };

  void apply(const std::vector<KeyRecord>& changed);
  // For a store that went back in time (a restored backup): what is not in `all` is forgotten.
  void replace_all(const std::vector<KeyRecord>& all);
  std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  struct Table;
  using Entry = std::unique_ptr<const KeyEntry>;
  // The entries of one key: of its secret, and of the few that it had before.
  struct Holding {
    Entry current;
    std::vector<Entry> former;
  };
  Holding holding_of(const KeyRecord& record);
  static void insert_all(Table& table, const Holding& holding);
  void put(const KeyRecord& record);
  void make_room(std::size_t entries);
  void retire(Holding holding);
  void publish(std::unique_ptr<Table> table);
  void free_unreachable();

  UsageRecorder& usage_;
  ReaderGate readers_;
  std::atomic<const Table*> table_;
  std::atomic<std::size_t> size_{0};

  std::mutex writing_;
  std::unique_ptr<Table> owned_table_;
  std::map<KeyId, Holding> entries_;
  std::size_t secrets_ = 0;  // entries of all holdings
  ScopePool scopes_;
  std::vector<Entry> retired_entries_;
  std::vector<std::unique_ptr<Table>> retired_tables_;
};

}  // namespace packyard
