#include "auth/forward_auth_handler.h"

#include <chrono>

#include "auth/denial_status.h"
#include "auth/proxy_client.h"

namespace packyard {
namespace {

constexpr std::string_view envoy_prefix = "/auth/envoy";
constexpr std::uint32_t denial_lines_per_second_max = 20;
constexpr std::string_view challenge = "Basic realm=\"packyard\", charset=\"UTF-8\"";
constexpr std::size_t authorization_headers_max = 4;

// One of a family's headers: how often it came, and its value.
struct Seen {
  unsigned count = 0;
  std::string_view value;
  void note(std::string_view text) {
    ++count;
    value = text;
  }
};

struct ProxyHeaders {
  Seen forwarded_uri, forwarded_method, original_uri, original_method, user_agent;
  std::array<std::string_view, authorization_headers_max> authorization;
  std::size_t authorization_count = 0;

  explicit ProxyHeaders(const http::Request& request) {
    for (const http::Header& header : request.headers) {
      if (http::same_header_name(header.name, "Authorization")) {
        if (authorization_count < authorization.size()) authorization[authorization_count++] = header.value;
      } else if (http::same_header_name(header.name, "X-Forwarded-Uri")) {
        forwarded_uri.note(header.value);
      } else if (http::same_header_name(header.name, "X-Forwarded-Method")) {
        forwarded_method.note(header.value);
      } else if (http::same_header_name(header.name, "X-Original-URI")) {
        original_uri.note(header.value);
      } else if (http::same_header_name(header.name, "X-Original-Method")) {
        original_method.note(header.value);
      } else if (http::same_header_name(header.name, "User-Agent")) {
        user_agent.note(header.value);
      }
    }
  }
  bool has_forwarded() const { return forwarded_uri.count + forwarded_method.count > 0; }
  bool has_original() const { return original_uri.count + original_method.count > 0; }
};

Decision bad_headers() { return {Outcome::deny, Reason::bad_headers, {}, {}, {}, {}, {}}; }

// What the family's own headers say, or nothing when one is missing, doubled, empty or another family's is there.
std::optional<Question> question_of(ProxyFamily family, const ProxyHeaders& headers, const http::Request& request) {
  Question question;
  const auto take = [&](const Seen& uri, const Seen& method) {
    question.target = uri.value;
    question.method = method.value;
    return uri.count == 1 && method.count == 1 && !uri.value.empty();
  };
  bool clean = false;
  switch (family) {
    case ProxyFamily::forwarded: clean = take(headers.forwarded_uri, headers.forwarded_method) && !headers.has_original(); break;
    case ProxyFamily::nginx: clean = take(headers.original_uri, headers.original_method) && !headers.has_forwarded(); break;
    case ProxyFamily::envoy:
      question.target = request.target.substr(envoy_prefix.size());
      question.method = request.method;
      clean = !headers.has_forwarded() && !headers.has_original();
      break;
  }
  question.authorization = {headers.authorization.data(), headers.authorization_count};
  question.user_agent = headers.user_agent.value;
  return clean ? std::optional(question) : std::nullopt;
}

http::Response plain(unsigned status, std::string_view reason) {
  http::Response response;
  response.status = status;
  response.headers = {{"Cache-Control", "no-store"}};
  if (!reason.empty()) response.headers.push_back({"X-Packyard-Reason", std::string(reason)});
  return response;
}

bool is_registry(const Decision& decision) {
  return decision.path &&
         (decision.path->area == RepositoryArea::registry || decision.path->area == RepositoryArea::registry_ping);
}

// OCI distribution specification, error codes.
std::string_view registry_code(unsigned status) {
  if (status == 401) return "UNAUTHORIZED";
  return status == 429 ? "TOOMANYREQUESTS" : "DENIED";
}

// docker, podman and skopeo show the message of this form to their user (OCI distribution specification, error codes).
void add_body(http::Response& response, const Decision& decision, std::string_view code) {
  if (is_registry(decision)) {
    const bool is_push = decision.reason == Reason::bad_method;
    const std::string message = is_push ? "images cannot be pushed or deleted here, only pulled" : explain(decision);
    response.headers.push_back({"Content-Type", "application/json"});
    response.headers.push_back({"Docker-Distribution-Api-Version", "registry/2.0"});
    response.body = "{\"errors\":[{\"code\":\"" + std::string(code) + "\",\"message\":\"" + message + "\"}]}\n";
  } else {
    response.headers.push_back({"Content-Type", "text/plain; charset=utf-8"});
    response.body = explain(decision) + "\n";
  }
}

}  // namespace

ForwardAuthHandler::ForwardAuthHandler(Gatekeeper& gatekeeper, IndexFollower& follower, DecisionObserver& observer,
                                       const GateSettings& settings, const Log& log)
    : gatekeeper_(gatekeeper),
      follower_(follower),
      observer_(observer),
      settings_(settings),
      log_(log),
      limit_(denial_lines_per_second_max) {
  for (const ProxyFamily family : settings.families) served_[static_cast<std::size_t>(family)] = true;
}

http::Response ForwardAuthHandler::handle(const http::Request& request) {
  // Caddy appends the client's query to our address: it never means anything here.
  const std::string_view endpoint = request.target.substr(0, request.target.find('?'));
  if (endpoint == "/auth" && serves(ProxyFamily::forwarded)) return answer(request, ProxyFamily::forwarded);
  if (endpoint == "/auth/nginx" && serves(ProxyFamily::nginx)) return answer(request, ProxyFamily::nginx);
  if (endpoint.starts_with(std::string(envoy_prefix) + "/") && serves(ProxyFamily::envoy))
    return answer(request, ProxyFamily::envoy);
  if (endpoint == "/healthz") return health(true);
  if (endpoint == "/readyz") return health(follower_.ensure_current() == IndexState::current);
  return plain(404, "");
}

http::Response ForwardAuthHandler::answer(const http::Request& request, ProxyFamily family) {
  const auto started = std::chrono::steady_clock::now();
  const ProxyHeaders headers(request);
  const ProxyClient client(family, request, settings_.trusted_proxies);
  std::optional<Question> question = question_of(family, headers, request);
  if (question) question->client = &client;
  const Decision decision = question ? gatekeeper_.decide(*question) : bad_headers();
  if (decision.outcome != Outcome::allow) log_decision(decision, question ? question->target : std::string_view());
  observer_.decided(decision, std::chrono::steady_clock::now() - started);
  return respond(decision, family);
}

http::Response ForwardAuthHandler::respond(const Decision& decision, ProxyFamily family) const {
  switch (decision.outcome) {
    case Outcome::allow: {
      http::Response response = plain(200, "");
      if (decision.reason == Reason::in_grace)
        response.headers.push_back({"X-Packyard-Warning", "subscriber key expired " + decision.expired_at.rfc3339() +
                                                              ", refused from " + decision.refused_from.rfc3339()});
      return response;
    }
    case Outcome::error: {
      http::Response response = plain(503, to_string(decision.reason));
      response.headers.push_back({"Retry-After", "2"});
      add_body(response, decision, "UNAVAILABLE");
      return response;
    }
    case Outcome::deny: break;
  }
  http::Response response = plain(answer_status(decision, family, settings_), to_string(decision.reason));
  const bool is_push = decision.reason == Reason::bad_method && is_registry(decision);
  if (is_push) response.headers.push_back({"Allow", "GET, HEAD"});
  if (response.status == 401) response.headers.push_back({"WWW-Authenticate", std::string(challenge)});
  if (decision.limit) response.headers.push_back({"Retry-After", std::to_string(decision.limit->seconds_left)});
  add_body(response, decision, is_push ? "UNSUPPORTED" : registry_code(response.status));
  return response;
}

http::Response ForwardAuthHandler::health(bool good) const {
  http::Response response = plain(good ? 200 : 503, "");
  if (!good) response.headers.push_back({"Retry-After", "2"});
  response.headers.push_back({"Content-Type", "text/plain; charset=utf-8"});
  response.body = good ? "ok\n" : "the keys are not loaded or not current\n";
  return response;
}

void ForwardAuthHandler::log_decision(const Decision& decision, std::string_view target) {
  const LogLimit::Verdict verdict = limit_.ask(SystemClock().now());
  if (!verdict.write) return;
  log_.info("request_denied", {{"outcome", to_string(decision.outcome)},
                               {"reason", to_string(decision.reason)},
                               {"path_rule", decision.rejection ? to_string(*decision.rejection) : "none"},
                               {"key_id", decision.key_id.empty() ? "none" : decision.key_id},
                               // Without its query, where a customer may have put a key.
                               {"target", target.substr(0, target.find_first_of("?#"))},
                               {"lines_left_out", verdict.left_out}});
}

}  // namespace packyard
