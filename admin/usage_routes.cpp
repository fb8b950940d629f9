#include "admin/usage_routes.h"

#include "admin/api_answer.h"
#include "admin/usage_json.h"
#include "admin/usage_request.h"

namespace packyard {

http::Response show_usage(KeyService& keys, const AdminRequest& request) {
  const auto query = parse_usage_request(request.query);
  if (!query) return failure_answer(query.error());
  const auto page = keys.usage_of(request.id, *query);
  if (!page) return failure_answer(page.error());
  http::Response response = json_answer(200, usage_json(page->days));
  if (page->next)
    response.headers.push_back({"Link", "</api/v1/keys/" + std::string(request.id) + "/usage?" + next_usage_text(*query, *page->next) +
                                            ">; rel=\"next\""});
  return response;
}

}  // namespace packyard
