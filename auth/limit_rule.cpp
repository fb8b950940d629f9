#include "auth/limit_rule.h"

namespace packyard {

std::optional<ReachedLimit> reached_limit(const KeyLimits& limits, const DayCounts& counts, Timestamp now) {
  const std::int64_t seconds_left = UtcDay::of(now).last_second().seconds + 1 - now.seconds;
  if (limits.requests_per_day && counts.requests >= *limits.requests_per_day)
    return ReachedLimit{LimitKind::requests_per_day, *limits.requests_per_day, seconds_left};
  if (limits.addresses_per_day && counts.is_new_address && counts.addresses >= *limits.addresses_per_day)
    return ReachedLimit{LimitKind::addresses_per_day, *limits.addresses_per_day, seconds_left};
  return std::nullopt;
}

std::string explain(const ReachedLimit& limit) {
  const std::string until = "; it may be used again after midnight UTC";
  const std::string number = std::to_string(limit.number);
  if (limit.kind == LimitKind::requests_per_day)
    return "this subscriber key has reached its limit of " + number + " requests a day" + until;
  return "this subscriber key has reached its limit of " + number + " client addresses a day and may not be used from another one" + until;
}

}  // namespace packyard
