// MemoryAuditLog: an AuditLog without a disk, for tests of what writes to one. Thread-safe. fail_with() makes every later call fail.
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "storage/audit_log.h"

namespace packyard {

class MemoryAuditLog final : public AuditLog {
 public:
  Result<std::unique_ptr<AuditTurn>> begin(Timestamp now) override;

  std::vector<AuditLine> lines();
  void fail_with(std::optional<Error> error);

 private:
  class Turn;
  std::mutex mutex_;
  std::vector<AuditLine> lines_;
  std::optional<Error> failure_;
};

}  // namespace packyard
