// What the audit log says about releases: one line for each, before the catalog promises it, and which of them were not made after
// all. Pure but for what is passed in; fails as unavailable when the log does: then the release must not be made.
#pragma once

#include <map>

#include "core/names.h"
#include "promote/press_parts.h"
#include "storage/catalog.h"

namespace packyard {

AuditEntry release_audit_entry(const PressActor& actor, const ReleaseRow& release, const std::map<TargetId, std::uint64_t>& changed);

// A press that died between the line and the catalog's commit left a line whose release is not there: says so.
Result<void> write_releases_not_made(AuditLog& audit, Catalog& catalog, Timestamp now);

}  // namespace packyard
