// What requests about promotions say: the body that asks for one, and which page of the list is wanted. Nothing judged yet but
// the shape. Pure functions; parsing takes hostile bytes, and errors name a field, escaped, never a value.
//   {"component","year","format","target": texts or null for all,"dry_run": true or false}, each of them optional
//   limit (1 to 100; none: 50), cursor (from the last page)
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "admin/error_catalog.h"
#include "storage/promotion_record.h"

namespace packyard {

inline constexpr std::size_t page_promotions_max = 100;

struct PromotionFields {
  std::optional<std::string> component{}, year{}, format{}, target{};
  PromotionMode mode = PromotionMode::publish;

  bool operator==(const PromotionFields&) const = default;
};
ApiResult<PromotionFields> parse_promotion_fields(std::string_view body);
std::string promotion_fields_json(const PromotionFields& fields);

struct PromotionListRequest {
  std::size_t limit = 50;
  std::optional<PromotionId> before{};  // only older ones
};
ApiResult<PromotionListRequest> parse_promotion_list_request(std::string_view query);
// The query text that asks for what is older than `last`.
std::string next_promotions_text(const PromotionListRequest& request, PromotionId last);

}  // namespace packyard
