#include "admin/promotion_routes.h"

#include "admin/api_answer.h"
#include "storage/promotion_json.h"

namespace packyard {
namespace {

constexpr std::string_view path = "/api/v1/promotions";

// And whether somebody is there to go on with it.
std::string shown(const PromotionRecord& record, bool has_worker) {
  std::string text = promotion_json(record);
  text.pop_back();
  return text + ",\"worker_running\":" + (has_worker ? "true" : "false") + "}";
}

}  // namespace

http::Response add_promotion(PromotionService& promotions, const AdminRequest& request) {
  const auto fields = parse_promotion_fields(request.body);
  if (!fields) return failure_answer(fields.error());
  const auto added = promotions.add(*fields, request.caller);
  if (!added) return failure_answer(added.error());
  http::Response response = json_answer(202, shown(*added, promotions.has_worker()) + "\n");
  response.headers.push_back({"Location", std::string(path) + "/" + added->order.id.text()});
  return response;
}

http::Response list_promotions(PromotionService& promotions, const AdminRequest& request) {
  const auto wanted = parse_promotion_list_request(request.query);
  if (!wanted) return failure_answer(wanted.error());
  const auto page = promotions.list(*wanted);
  if (!page) return failure_answer(page.error());
  const bool has_worker = promotions.has_worker();
  std::string list;
  for (const PromotionRecord& record : page->records) list += (list.empty() ? "" : ",") + shown(record, has_worker);
  http::Response response = json_answer(200, "[" + list + "]\n");
  if (page->last_shown)
    response.headers.push_back(
        {"Link", "<" + std::string(path) + "?" + next_promotions_text(*wanted, *page->last_shown) + ">; rel=\"next\""});
  return response;
}

http::Response show_promotion(PromotionService& promotions, const AdminRequest& request) {
  const auto record = promotions.find(request.id);
  return record ? json_answer(200, shown(*record, promotions.has_worker()) + "\n") : failure_answer(record.error());
}

}  // namespace packyard
