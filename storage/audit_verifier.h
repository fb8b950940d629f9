// Reads a whole audit log and says what is wrong with it, and where. It finds a changed, missing, added or reordered line by the
// chain; lines cut at the end by the head, or by a head that was kept elsewhere. What it cannot find: a log that was written anew as
// a whole, with its head, by one who may write both files; against that helps only a head on another machine. Reads in blocks; takes
// hostile bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "storage/file_audit_log.h"

namespace packyard {

struct AuditRemark {
  std::uint64_t line = 0;      // from 1; one more than there are for what is missing at the end
  std::uint64_t sequence = 0;  // which the line has, or should have
  std::string text;
};

struct AuditReport {
  std::uint64_t lines = 0;
  AuditHead newest;                   // of the last good line
  std::vector<AuditRemark> findings;  // what must not be
  std::vector<AuditRemark> notes;     // what a crash leaves, put in order since
};

using UseAuditLine = std::function<void(const AuditLine& line, std::string_view text)>;

// expected: a head that was kept elsewhere. `use` gets every good line. not_found when there is neither log nor head.
Result<AuditReport> verify_audit_log(const AuditFiles& files, const std::optional<AuditHead>& expected = {},
                                     const UseAuditLine& use = {});

}  // namespace packyard
