// ForwardAuthHandler: the gate's HTTP face: reads what a proxy says about a subscriber's request, asks the Gatekeeper, answers.
//   /auth          Traefik, Caddy, HAProxy: X-Forwarded-Uri, X-Forwarded-Method
//   /auth/nginx    nginx auth_request: X-Original-URI, X-Original-Method
//   /auth/envoy/…  Envoy ext_authz: the request line itself behind the prefix
//   /healthz       alive        /readyz   keys loaded and current
// An endpoint exists only when its family is configured (404 otherwise) and trusts its own headers alone; a request with another
// family's is denied. Answers: 200; 401 with challenge; 403; 405 for a push with a key that may read there and 429 with Retry-After
// for a limit of the day (403 to nginx, which knows no other refusal: its configuration makes the 405); 503 with Retry-After; the
// reason in X-Packyard-Reason. A key in its time of grace passes, and X-Packyard-Warning says until when.
// facts/forwardauth.md 1.8 and 2.5. Thread-safe, never blocks but for reading changed keys.
#pragma once

#include <array>
#include <vector>

#include "auth/decision.h"
#include "auth/decision_observer.h"
#include "core/http/http_message.h"
#include "core/log.h"
#include "core/log_limit.h"
#include "core/settings.h"

namespace packyard {

class ForwardAuthHandler {
 public:
  ForwardAuthHandler(Gatekeeper& gatekeeper, IndexFollower& follower, DecisionObserver& observer,
                     const GateSettings& settings, const Log& log);
  http::Response handle(const http::Request& request);

 private:
  http::Response answer(const http::Request& request, ProxyFamily family);
  http::Response respond(const Decision& decision, ProxyFamily family) const;
  http::Response health(bool good) const;
  void log_decision(const Decision& decision, std::string_view target);
  bool serves(ProxyFamily family) const { return served_[static_cast<std::size_t>(family)]; }

  Gatekeeper& gatekeeper_;
  IndexFollower& follower_;
  DecisionObserver& observer_;
  const GateSettings settings_;
  std::array<bool, 3> served_{};
  const Log& log_;
  LogLimit limit_;
};

}  // namespace packyard
