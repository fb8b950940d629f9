// ChangeSignal: a counter in shared memory (a mapped file beside the key database) that says "keys may have changed". The
// admin raises it before and after each committed change; a gate reads it before every decision (one atomic load) and
// catches up from the KeyStore first when it moved. Works between processes on one host. Reading never fails or blocks.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "core/result.h"

namespace packyard {

class ChangeSignal {
 public:
  // Makes the file (mode 0600) when absent.
  static Result<ChangeSignal> open(const std::filesystem::path& file);
  ChangeSignal(ChangeSignal&&) noexcept;
  ChangeSignal& operator=(ChangeSignal&&) noexcept;
  ~ChangeSignal();

  std::uint64_t value() const { return counter_->load(std::memory_order_acquire); }
  void raise() { counter_->fetch_add(1, std::memory_order_acq_rel); }

 private:
  explicit ChangeSignal(std::atomic<std::uint64_t>* counter) : counter_(counter) {}
  std::atomic<std::uint64_t>* counter_;  // in the mapping; lives as long as this object
};

}  // namespace packyard
