// KeyService: makes, shows, changes and revokes subscriber keys. A change is in force at every gate of this host when the call
// returns: the change signal is raised before and after each commit. A key itself exists only in what create() and rotate()
// return. Every change stands in the audit log before it is made, with who asked for it; changes wait for each other there.
// Shared by the listener's threads; its parts must outlive it and be thread-safe (KeyStore, Clock, RandomSource are).
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <vector>

#include "admin/admin_caller.h"
#include "admin/error_catalog.h"
#include "admin/key_check.h"
#include "admin/key_fields.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/names.h"
#include "core/pepper.h"
#include "core/random_source.h"
#include "core/secret.h"
#include "core/settings.h"
#include "storage/audit_log.h"
#include "storage/change_signal.h"
#include "storage/key_query.h"
#include "storage/key_store.h"

namespace packyard {

struct CreatedKey {
  KeyRecord record;
  Secret key;
};

struct ImportedKeys {
  std::size_t imported = 0;
  std::size_t skipped = 0;
};

class KeyService {
 public:
  struct Parts {
    KeyStore& store;
    ChangeSignal& signal;
    AuditLog& audit;
    const Pepper& pepper;  // for new keys
    RandomSource& random;
    const Clock& clock;
    const Log& log;
    std::vector<ComponentName> components;  // those of the settings; keys of others still list
    std::vector<const Pepper*> earlier_peppers{};  // older keys may name these
    GateSettings gate{};                           // what the gate answers to a denial
  };

  explicit KeyService(Parts parts);

  ApiResult<CreatedKey> create(const KeyFields& fields, const AdminCaller& caller);
  // All or none, as one change.
  ApiResult<std::vector<CreatedKey>> create_all(const std::vector<KeyFields>& all, const AdminCaller& caller);
  // Keys of another installation, whose peppers must be here; those that are here already with the same secret are passed over, so
  // that an import that broke off may be run again. All or none.
  ApiResult<ImportedKeys> import_all(const std::vector<KeyRecord>& records, const AdminCaller& caller);
  ApiResult<KeyPage> list(const KeyQuery& query = {});
  ApiResult<KeyRecord> find(std::string_view id);
  ApiResult<UsagePage> usage_of(std::string_view id, const UsageQuery& query);
  ApiResult<KeyRecord> revoke(std::string_view id, const AdminCaller& caller);  // again: the same answer
  ApiResult<KeyRecord> change(std::string_view id, const KeyFields& fields, const AdminCaller& caller);
  // A new secret; the old one opens for overlap_seconds more. 0 ends it at once, and every former one with it.
  ApiResult<CreatedKey> rotate(std::string_view id, std::uint64_t overlap_seconds, const AdminCaller& caller);
  ApiResult<KeyRecord> suspend(std::string_view id, const AdminCaller& caller);  // again: the first time stays
  ApiResult<KeyRecord> resume(std::string_view id, const AdminCaller& caller);
  // After an admin died between a line of the audit log and the change: says there that the change was not made. Best before the first
  // request; what fails is done by the next change, which is not made before it.
  ApiResult<void> name_changes_not_made();
  // What the gate would say, in the family of the first proxy that is configured.
  ApiResult<CheckAnswer> check(const CheckRequest& request);
  Timestamp now() const { return parts_.clock.now(); }

 private:
  ApiFailure failure_of(const Error& error) const;
  ApiFailure audit_failure_of(const Error& error) const;
  // A turn in which the log says all that was not made.
  ApiResult<std::unique_ptr<AuditTurn>> begin_turn();
  // Writes the entries, then makes the change between two raises of the signal.
  template <class Change>
  using Made = ApiResult<typename std::invoke_result_t<Change>::value_type>;
  template <class Change>
  Made<Change> make_audited(AuditTurn& turn, const std::vector<AuditEntry>& entries, Change change);
  ApiResult<CreatedKey> new_key(const KeyFields& fields);  // made, not stored
  bool knows_pepper(std::string_view id) const;
  // An edit that refuses leaves the record as it is.
  using Edit = std::function<ApiResult<void>(KeyRecord& record)>;
  ApiResult<KeyRecord> edit(std::string_view id, std::string_view event, const AdminCaller& caller, const Edit& edit);
  Parts parts_;
  std::vector<const Pepper*> peppers_;  // the current one first
  // Whether every line of the log stands for a change that was made, or is named. In turns only, so no thread meets another there.
  bool is_settled_ = false;
};

}  // namespace packyard
