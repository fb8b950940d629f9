// ReaderGate: lets many threads read shared immutable objects without a lock, and tells the one writer when nobody can still hold
// one it has unlinked. Readers enter and leave (two uncontended atomic additions); the writer polls all_left_since_unlink().
// Thread-safe. Readers must never wait while inside.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace packyard {

class ReaderGate {
 public:
  class Inside {
   public:
    explicit Inside(ReaderGate& gate) : count_(gate.counts_[own_slot()].inside) {
      count_.fetch_add(1, std::memory_order_seq_cst);
    }
    ~Inside() { count_.fetch_sub(1, std::memory_order_release); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    std::atomic<std::uint32_t>& count_;
  };

  // Call after unlinking (with a seq_cst store) what is to be freed: true when every reader that could have seen it has left.
  // Each slot needs to be seen empty once, not all at the same time. False: keep the object and ask again later.
  bool all_left_since_unlink() const {
    for (const Slot& slot : counts_) {
      bool was_empty = false;
      for (int attempt = 0; attempt < attempts_max && !was_empty; ++attempt)
        was_empty = slot.inside.load(std::memory_order_seq_cst) == 0;
      if (!was_empty) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t slots = 64;
  static constexpr int attempts_max = 10'000;

  struct alignas(64) Slot {
    std::atomic<std::uint32_t> inside{0};
  };

  // Threads share a slot only when there are more than 64 of them: correct still, only slower.
  static std::size_t own_slot() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t slot = next.fetch_add(1, std::memory_order_relaxed) % slots;
    return slot;
  }

  std::array<Slot, slots> counts_;
};

}  // namespace packyard
