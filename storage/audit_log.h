// AuditLog: where changes are written down before they are made. Implementations: FileAuditLog (storage/file_audit_log.h) and memory
// (tests/support). Thread-safe; only one turn at a time exists, in all processes that share the log.
//   begin a turn → look at what is there → write the entries → make the change → not_done() if it did not happen → end the turn
// So there is never a change without its line. The other way round, a line whose change did not follow, can only come from a process
// that died in between, and the next one to begin a turn is who notices (newest_first()).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "storage/audit_line.h"

namespace packyard {

class AuditTurn {
 public:
  virtual ~AuditTurn() = default;
  // Durable when it returns; all or none. Fails as unavailable: then the change must not be made.
  virtual Result<void> write(std::span<const AuditEntry> entries, Timestamp now) = 0;
  // Says that the change of these entries did not happen, though they were written.
  virtual Result<void> write_failed(std::span<const AuditEntry> entries, std::string_view why, Timestamp now) = 0;
  // The lines from the newest on, as long as `use` says to go on; ends at a line that is none.
  virtual Result<void> newest_first(const std::function<bool(const AuditLine&)>& use) = 0;
};

class AuditLog {
 public:
  virtual ~AuditLog() = default;
  // Waits for another's turn, with a deadline; unavailable when the log cannot be opened or put in order.
  virtual Result<std::unique_ptr<AuditTurn>> begin(Timestamp now) = 0;
};

}  // namespace packyard
