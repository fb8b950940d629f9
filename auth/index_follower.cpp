#include "auth/index_follower.h"

namespace packyard {
namespace {

constexpr std::int64_t retry_pause_ms = 50;

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Result<void> IndexFollower::load() {
  const std::lock_guard lock(reading_);
  // The signal is read before the store: a change after it moves the signal again.
  const std::uint64_t seen = signal_.value();
  TRY_ASSIGN(const KeyChanges all, store_.changes_since(0));
  index_.replace_all(all.changed);
  generation_ = all.generation;
  seen_.store(seen, std::memory_order_release);
  mark_read();
  loaded_.store(true, std::memory_order_release);
  return {};
}

IndexState IndexFollower::catch_up() noexcept {
  if (!is_loaded()) return IndexState::unknown;
  const std::lock_guard lock(reading_);
  const std::uint64_t seen = signal_.value();
  if (seen == seen_.load(std::memory_order_acquire)) return IndexState::current;
  if (steady_ms() < retry_after_ms_) return IndexState::unknown;
  if (auto read = read_changes(); !read) {
    retry_after_ms_ = steady_ms() + retry_pause_ms;
    log_.error("key_store_unreadable", {{"answer", 503}, {"why", read.error().message}});
    return IndexState::unknown;
  }
  seen_.store(seen, std::memory_order_release);
  return IndexState::current;
}

void IndexFollower::poll() noexcept {
  if (!is_loaded()) {
    if (auto loaded = load(); !loaded) log_.error("key_store_unreadable", {{"why", loaded.error().message}});
    return;
  }
  const std::lock_guard lock(reading_);
  auto read = read_changes();
  if (read) return;
  log_.warning("key_store_poll_failed", {{"why", read.error().message}});
  // The store we follow is gone: what is in memory may be revoked elsewhere. Only a good load() opens the gate again.
  if (read.error().code == ErrorCode::not_found) loaded_.store(false, std::memory_order_release);
}

Result<void> IndexFollower::read_changes() {
  TRY_ASSIGN(const std::uint64_t generation, store_.generation());
  if (generation == generation_) {
    mark_read();
    return {};
  }
  if (generation < generation_) {
    TRY_ASSIGN(const KeyChanges all, store_.changes_since(0));
    index_.replace_all(all.changed);
    generation_ = all.generation;
    log_.warning("key_store_went_back", {{"generation", generation}});
  } else {
    TRY_ASSIGN(const KeyChanges changes, store_.changes_since(generation_));
    index_.apply(changes.changed);
    generation_ = changes.generation;
  }
  mark_read();
  return {};
}

void IndexFollower::mark_read() { read_at_ms_.store(steady_ms(), std::memory_order_relaxed); }

std::chrono::milliseconds IndexFollower::age() const {
  return std::chrono::milliseconds(steady_ms() - read_at_ms_.load(std::memory_order_relaxed));
}

}  // namespace packyard
