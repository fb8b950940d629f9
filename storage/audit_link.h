// AuditLink: what binds a line of an audit log to the others, without what the line says: enough to follow a chain, and many times
// faster than reading the line as JSON. Pure function; takes hostile bytes.
#pragma once

#include <string_view>

#include "storage/audit_line.h"

namespace packyard {

struct AuditLink {
  AuditHead head;  // the line's own sequence and hash
  Sha256 previous;
  AuditOutcome outcome = AuditOutcome::done;

  bool operator==(const AuditLink&) const = default;
};

// Of a line without its line end. Fails as invalid unless the line has the hash that it ends with.
Result<AuditLink> read_audit_link(std::string_view line);

}  // namespace packyard
