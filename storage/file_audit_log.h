// The AuditLog in two files of a folder: NAME.log, which only ever grows, and NAME.head, which says how far it goes, so that cut lines
// are missed. Every write is synced before it returns, the log first, then the head, which is replaced whole; a change follows only then.
// What beginning a turn finds out of order it writes down as a line of its own, and the chain goes on behind it:
//   a torn line (the writer was killed in it) is ended and named with its bytes' digest; nothing is ever removed
//   lines beyond the head: written by who died before the head followed, so that their changes did not happen
//   a head beyond the lines: they were cut; the gap in the sequence stays for ever
//   a damaged head or newest line
// Several processes may share the files (flock on the log). Files have mode 0600, the folder 0700.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "core/log.h"
#include "storage/audit_log.h"

namespace packyard {

struct AuditFiles {
  std::filesystem::path log, head;

  static AuditFiles in(const std::filesystem::path& folder, const std::string& name) {
    return {folder / (name + ".log"), folder / (name + ".head")};
  }
  // Those of a state folder. Each log has a folder of its own, since its writers may be other accounts than the other's.
  static AuditFiles of_admin(const std::filesystem::path& state) { return in(state / "audit-admin", "admin"); }  // changes of keys
  static AuditFiles of_press(const std::filesystem::path& state) { return in(state / "audit-press", "press"); }  // of releases
};

// Absent: no head was ever written. Fails as corrupt for a file that holds none.
Result<std::optional<AuditHead>> read_audit_head(const std::filesystem::path& file);

class FileAuditLog final : public AuditLog {
 public:
  // The folder is made when absent. The log is told each new head, so that one who ships logs elsewhere has it there.
  FileAuditLog(AuditFiles files, const Log& log) : files_(std::move(files)), log_(log) {}
  Result<std::unique_ptr<AuditTurn>> begin(Timestamp now) override;

 private:
  const AuditFiles files_;
  const Log& log_;
  std::mutex mutex_;
};

}  // namespace packyard
