// PromotionQueue: promotions that were asked for, kept as files that survive restarts, in two folders with one writer each:
//   orders/    what is to be promoted: written by the admin, which never holds a signing key
//   reports/   what became of it: written by the worker, which holds them; worker.lock there is held while one runs
// Neither writes where the other does, so that each may see the other's folder read-only. The lowest number that has no final
// report runs next. Bounded: promotions that wait, and promotions that ended and are still shown (older ones go).
// Threads may share it. Errors: unavailable for the disk, conflict for a full queue; a file that is damaged is a promotion that
// failed, with the reason, and holds nobody up.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <vector>

#include "core/file_lock.h"
#include "core/result.h"
#include "storage/promotion_folder.h"
#include "storage/promotion_record.h"

namespace packyard {

class PromotionQueue {
 public:
  struct Limits {
    std::size_t waiting_max = 64;
    std::size_t finished_kept = 256;
  };

  explicit PromotionQueue(const std::filesystem::path& folder) : PromotionQueue(folder, Limits{}) {}
  PromotionQueue(const std::filesystem::path& folder, Limits limits);

  // For everybody.
  Result<std::vector<PromotionId>> ids() const { return orders_.ids(); }  // in their order
  Result<std::optional<PromotionRecord>> find(PromotionId id) const;
  bool has_worker() const;

  // For the admin: gives the order its number and keeps it, and lets go of the oldest that ended. conflict when too many wait.
  Result<PromotionRecord> add(PromotionOrder order);

  // For the worker.
  Result<void> write(const PromotionReport& report) const;
  // conflict when another worker runs.
  Result<FileLock> become_worker() const;
  // Removes reports whose order the admin let go. Only for the holder of that lock.
  Result<void> sweep_reports() const;

 private:
  Result<PromotionReport> report_of(PromotionId id) const;
  Result<PromotionId> next_number(const std::vector<PromotionId>& orders) const;
  PromotionFolder orders_, reports_;
  Limits limits_;
};

}  // namespace packyard
