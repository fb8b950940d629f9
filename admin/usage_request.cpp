#include "admin/usage_request.h"

#include <charconv>

#include "admin/query_text.h"
#include "core/log.h"

namespace packyard {
namespace {

ApiResult<void> put_day(std::optional<UtcDay>& into, const QueryParameter& parameter, std::string_view wanted) {
  const auto day = UtcDay::parse(parameter.value);
  if (!day) return refuse(ApiError::query_invalid, parameter.name + " is not " + std::string(wanted));
  into = *day;
  return {};
}

ApiResult<void> put_limit(UsageQuery& query, const std::string& value) {
  const char* const end = value.data() + value.size();
  const auto [stopped, failure] = std::from_chars(value.data(), end, query.limit);
  const bool is_limit = failure == std::errc() && stopped == end && query.limit >= 1 && query.limit <= page_days_max;
  return is_limit ? ApiResult<void>() : refuse(ApiError::query_invalid, "limit is a whole number from 1 to 1000");
}

ApiResult<void> put_parameter(UsageQuery& query, const QueryParameter& parameter) {
  constexpr std::string_view a_day = "a day like 2026-01-31";
  if (parameter.name == "from") return put_day(query.from, parameter, a_day);
  if (parameter.name == "to") return put_day(query.to, parameter, a_day);
  if (parameter.name == "cursor") return put_day(query.after, parameter, "one that a page gave");
  if (parameter.name == "limit") return put_limit(query, parameter.value);
  return refuse(ApiError::query_unknown, "the query parameter \"" + escape_for_log(parameter.name, 64) +
                                             "\" is not known; known: from, to, limit, cursor");
}

}  // namespace

ApiResult<UsageQuery> parse_usage_request(std::string_view text) {
  const auto parameters = parse_query_text(text);
  if (!parameters) return std::unexpected(parameters.error());
  UsageQuery query;
  for (const QueryParameter& parameter : *parameters)
    if (auto put = put_parameter(query, parameter); !put) return std::unexpected(std::move(put).error());
  return query;
}

std::string next_usage_text(const UsageQuery& query, UtcDay next) {
  std::vector<QueryParameter> parameters;
  if (query.from) parameters.push_back({"from", query.from->text()});
  if (query.to) parameters.push_back({"to", query.to->text()});
  parameters.push_back({"limit", std::to_string(query.limit)});
  parameters.push_back({"cursor", next.text()});
  return query_text(parameters);
}

}  // namespace packyard
