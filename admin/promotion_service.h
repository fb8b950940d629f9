// PromotionService: takes requests to promote into the queue and shows what became of them. It promotes nothing: that is the
// worker's (packyard promote --worker), which alone has the signing keys and the release store. Shared by the listener's threads;
// its parts must outlive it and be thread-safe.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "admin/admin_caller.h"
#include "admin/error_catalog.h"
#include "admin/promotion_fields.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/settings.h"
#include "storage/audit_log.h"
#include "storage/promotion_queue.h"

namespace packyard {

struct PromotionPage {
  std::vector<PromotionRecord> records;   // the newest first
  std::optional<PromotionId> last_shown;  // when there are older ones
};

class PromotionService {
 public:
  struct Parts {
    PromotionQueue& queue;
    AuditLog& audit;
    const Settings& settings;
    const Clock& clock;
    const Log& log;
  };

  explicit PromotionService(Parts parts) : parts_(parts) {}

  // Components, years and targets must be those of the settings. Stands in the audit log before it is queued.
  ApiResult<PromotionRecord> add(const PromotionFields& fields, const AdminCaller& caller);
  ApiResult<PromotionRecord> find(std::string_view id);
  ApiResult<PromotionPage> list(const PromotionListRequest& request);
  bool has_worker() const { return parts_.queue.has_worker(); }

 private:
  ApiFailure failure_of(const Error& error) const;
  ApiFailure audit_failure_of(const Error& error) const;
  Parts parts_;
};

}  // namespace packyard
