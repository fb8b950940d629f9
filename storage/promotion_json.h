// Promotions as JSON: an order and a report as they are kept in the queue, and both in one object as the admin answers it and its
// clients read it back. Times are RFC 3339, what is unset is null, "dry_run" is true or false. Pure functions; the parsers take
// hostile bytes and pass over names that they do not know. RFC 8259.
//   order   {"id","created_at","requested_by","component","year","format","target","dry_run"}
//   report  {"id","state","attempts","started_at","finished_at","reason","release","finished_release","staged_files",
//            "steps":[{"name","unit","total","done","started_at"}],"findings":[{"subject","problem"}],"findings_total",
//            "changes":[{"kind","target","name","version","architecture","previous_version"}],"changes_total"}
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "storage/promotion_record.h"

namespace packyard {

std::string order_json(const PromotionOrder& order);
std::string report_json(const PromotionReport& report);
std::string promotion_json(const PromotionRecord& record);

// invalid, and never quoting the bytes.
Result<PromotionOrder> parse_order(std::string_view text);
Result<PromotionReport> parse_report(std::string_view text);
Result<PromotionRecord> parse_promotion(std::string_view text);

}  // namespace packyard
