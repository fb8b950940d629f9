#include "tests/support/memory_audit_log.h"

#include <ranges>
#include <utility>

namespace packyard {

class MemoryAuditLog::Turn final : public AuditTurn {
 public:
  explicit Turn(MemoryAuditLog& log) : log_(log), own_(log.mutex_) {}

  Result<void> write(std::span<const AuditEntry> entries, Timestamp now) override { return add(entries, AuditOutcome::done, now); }
  Result<void> write_failed(std::span<const AuditEntry> entries, std::string_view, Timestamp now) override {
    return add(entries, AuditOutcome::failed, now);
  }
  Result<void> newest_first(const std::function<bool(const AuditLine&)>& use) override {
    for (const AuditLine& line : log_.lines_ | std::views::reverse)
      if (!use(line)) break;
    return {};
  }

 private:
  Result<void> add(std::span<const AuditEntry> entries, AuditOutcome outcome, Timestamp now) {
    if (log_.failure_) return fail(*log_.failure_);
    for (const AuditEntry& entry : entries) {
      const AuditHead previous = log_.lines_.empty() ? AuditHead{} : log_.lines_.back().head;
      log_.lines_.push_back({now, entry, outcome, previous.hash, write_audit_line(previous, now, entry, outcome).head});
    }
    return {};
  }

  MemoryAuditLog& log_;
  const std::unique_lock<std::mutex> own_;
};

Result<std::unique_ptr<AuditTurn>> MemoryAuditLog::begin(Timestamp) { return std::make_unique<Turn>(*this); }

std::vector<AuditLine> MemoryAuditLog::lines() {
  const std::lock_guard lock(mutex_);
  return lines_;
}

void MemoryAuditLog::fail_with(std::optional<Error> error) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(error);
}

}  // namespace packyard
