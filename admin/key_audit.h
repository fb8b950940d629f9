// What the audit log says about keys: the entries of their changes, and which of them did not follow their line. A key is shown with
// all that was given for it and with the start of its secrets' digests, so that a rotation is seen; never with a secret. Pure but for
// what is passed in.
#pragma once

#include <string_view>

#include "admin/admin_caller.h"
#include "storage/audit_log.h"
#include "storage/key_store.h"

namespace packyard {

// before: nullptr for a key that is made. Usage is no part of it.
AuditEntry key_audit_entry(std::string_view action, const AdminCaller& caller, const KeyRecord* before, const KeyRecord& after);

// The log says a change before it is made; one who died in between left lines that the store does not bear out. Says so of each, from
// the newest back to the first that is borne out, and gives how many. A store restored from an older backup looks the same, and is
// named the same. Fails as the store or the turn does.
Result<std::size_t> write_changes_not_made(AuditTurn& turn, KeyStore& store, Timestamp now);

}  // namespace packyard
