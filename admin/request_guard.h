// What a request must fulfil before any route looks at it, so that no web page can use the operator's browser against the admin:
// DNS rebinding, forms, fetch, links and frames (facts/forwardauth.md 6). Loopback is no defence: browsers reach it.
//   Host      exactly one; localhost, 127.0.0.1, [::1] with any port (tunnels), or a configured "name" (any port) or "name:port"
//   target    a path, or an absolute URL with the same authority as Host
//   browsers  Sec-Fetch-Site only same-origin or none, Origin only the own one; also for GET
//   writing   Content-Type application/json or application/x-ndjson. Only DELETE without a body needs none: no page can send
//             DELETE or these types without asking first (Fetch standard), and asking (OPTIONS) is always refused.
//   token     Authorization: Bearer and an admin token, where one is set (admin.token_file, admin.tokens); /healthz needs none.
//             It says who asks, by name and role; what the role may do is the route's to say.
// Pure; shared by all threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/admin_caller.h"
#include "admin/error_catalog.h"
#include "core/http/http_message.h"
#include "core/result.h"
#include "core/secret.h"

namespace packyard {

enum class BodyKind { json, lines };  // one JSON object; one on each line (application/x-ndjson)

struct AdmittedRequest {
  std::string_view path;
  std::string_view query;  // without its '?'
  BodyKind body = BodyKind::json;
  AdminCaller caller{};
};

struct AdminToken {
  std::string name;
  AdminRole role = AdminRole::all;
  Secret token;
};

class RequestGuard {
 public:
  // Fails as invalid for a configured name that could never match, and for a token that stands twice.
  // Without tokens nobody is asked for one, and everybody may do all.
  static Result<RequestGuard> make(const std::vector<std::string>& allowed_hosts, std::vector<AdminToken> tokens = {});

  // The path and query of an acceptable request, or why it is refused.
  ApiResult<AdmittedRequest> admit(const http::Request& request) const;

 private:
  struct AllowedHost {
    std::string name;
    std::string port;  // empty = any
  };
  RequestGuard(std::vector<AllowedHost> allowed, std::vector<AdminToken> tokens)
      : allowed_(std::move(allowed)), tokens_(std::move(tokens)) {}
  std::optional<AdminCaller> caller_of(const http::Request& request, std::string_view path) const;
  bool is_allowed_host(std::string_view authority) const;
  std::vector<AllowedHost> allowed_;
  std::vector<AdminToken> tokens_;
};

}  // namespace packyard
