#include "auth/denial_status.h"

namespace packyard {
namespace {

constexpr unsigned unauthorized = 401, forbidden = 403, method_not_allowed = 405, too_many_requests = 429;

bool is_registry(const Decision& decision) {
  return decision.path &&
         (decision.path->area == RepositoryArea::registry || decision.path->area == RepositoryArea::registry_ping);
}

unsigned denial_status(const Decision& decision, const GateSettings& settings) {
  switch (decision.reason) {
    case Reason::bad_path:
    case Reason::bad_headers: return forbidden;
    case Reason::bad_method: return is_registry(decision) ? method_not_allowed : forbidden;
    case Reason::expired: return settings.expiry_denial_status;
    case Reason::wrong_component:
    case Reason::wrong_year:
    case Reason::wrong_format:
    case Reason::wrong_address: return settings.scope_denial_status;
    case Reason::limit_reached: return too_many_requests;
    default: return unauthorized;
  }
}

}  // namespace

unsigned answer_status(const Decision& decision, ProxyFamily family, const GateSettings& settings) {
  if (decision.outcome == Outcome::allow) return 200;
  if (decision.outcome == Outcome::error) return 503;
  const unsigned status = denial_status(decision, settings);
  const bool passes_on = family != ProxyFamily::nginx || status == unauthorized;
  return passes_on ? status : forbidden;
}

}  // namespace packyard
