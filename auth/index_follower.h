// IndexFollower: keeps a KeyIndex equal to the KeyStore. Before every decision the gate asks ensure_current(): one atomic load
// when nothing changed; when the change signal moved, the changed rows are read first, so that what the admin has answered is in
// force. A signal that moved and a store that cannot be read means: not current, answer 503, never an allow. poll() once a second
// finds what no signal told (a writer killed between commit and signal; a database restored in its file). A database replaced by
// another file closes the gate until a restart. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "auth/key_index.h"
#include "core/log.h"
#include "storage/change_signal.h"
#include "storage/key_store.h"

namespace packyard {

enum class IndexState { current, unknown };

class IndexFollower {
 public:
  IndexFollower(KeyStore& store, const ChangeSignal& signal, KeyIndex& index, const Log& log)
      : store_(store), signal_(signal), index_(index), log_(log) {}

  // Reads everything; the gate is not ready before it succeeded once.
  Result<void> load();
  IndexState ensure_current() noexcept {
    if (loaded_.load(std::memory_order_acquire) && signal_.value() == seen_.load(std::memory_order_acquire))
      return IndexState::current;
    return catch_up();
  }
  // Call about once a second from one thread.
  void poll() noexcept;
  bool is_loaded() const { return loaded_.load(std::memory_order_acquire); }
  // Since the store was last read successfully.
  std::chrono::milliseconds age() const;

 private:
  IndexState catch_up() noexcept;
  Result<void> read_changes();
  void mark_read();

  KeyStore& store_;
  const ChangeSignal& signal_;
  KeyIndex& index_;
  const Log& log_;
  std::atomic<bool> loaded_{false};
  std::atomic<std::uint64_t> seen_{0};
  std::atomic<std::int64_t> read_at_ms_{0};  // steady clock

  std::mutex reading_;
  std::uint64_t generation_ = 0;
  std::int64_t retry_after_ms_ = 0;  // steady clock: a store that just failed is not asked again for every request
};

}  // namespace packyard
