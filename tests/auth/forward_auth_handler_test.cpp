#include "auth/forward_auth_handler.h"

#include "tests/auth/gate_fixture.h"

namespace packyard {
namespace {

class CountingObserver final : public DecisionObserver {
 public:
  void decided(const Decision& decision, std::chrono::nanoseconds duration) noexcept override {
    last = decision.reason;
    EXPECT_GE(duration.count(), 0);
    ++count;
  }
  Reason last = Reason::ok;
  int count = 0;
};

class ForwardAuthTest : public GateFixture {
 protected:
  using Headers = std::vector<http::Header>;
  http::Response ask(std::string_view target, Headers headers, std::string_view method = "GET") {
    http::Request request;
    request.method = method;
    request.target = target;
    request.headers = std::move(headers);
    request.peer_address = "127.0.0.1";
    return handler_.handle(request);
  }
  static std::string header(const http::Response& response, std::string_view name) {
    std::string found;
    for (const http::ResponseHeader& entry : response.headers)
      if (http::same_header_name(entry.name, name)) found = entry.value;
    return found;
  }

  CountingObserver observer_;
  static GateSettings settings(std::vector<ProxyFamily> families) {
    GateSettings gate;
    gate.families = std::move(families);
    return gate;
  }
  ForwardAuthHandler handler_{gatekeeper_, follower_, observer_,
                              settings({ProxyFamily::forwarded, ProxyFamily::nginx, ProxyFamily::envoy}), log_};
  const std::string core_ = basic(make_key("core"));
  static constexpr std::string_view file = "/rpm/core/2025/el9-x86_64/repodata/repomd.xml";
};

TEST_F(ForwardAuthTest, EachFamilyIsReadFromItsOwnHeaders) {
  EXPECT_EQ(ask("/auth", {{"X-Forwarded-Uri", file}, {"X-Forwarded-Method", "GET"}, {"Authorization", core_}}).status, 200u);
  EXPECT_EQ(ask("/auth?q=1", {{"x-forwarded-uri", file}, {"x-forwarded-method", "HEAD"}, {"authorization", core_}}).status, 200u);
  EXPECT_EQ(ask("/auth/nginx", {{"X-Original-URI", file}, {"X-Original-Method", "GET"}, {"Authorization", core_}}).status, 200u);
  EXPECT_EQ(ask("/auth/envoy" + std::string(file), {{"Authorization", core_}}).status, 200u);
  EXPECT_EQ(ask("/auth/envoy" + std::string(file), {{"Authorization", core_}}, "PUT").status, 403u);
  EXPECT_EQ(observer_.count, 5);
}

TEST_F(ForwardAuthTest, ALimitIs429WithTheTimeUntilMidnight) {
  const std::string limited = basic(make_key(KeyRecord{.id = {},
                                                       .digest = {},
                                                       .pepper_id = {},
                                                       .scope = KeyScope::of(ComponentName::parse("core").value()),
                                                       .label = "label",
                                                       .created_at = clock_.now(),
                                                       .limits = {.requests_per_day = 1}}));
  const auto forwarded = [&](std::string_view target) {
    return ask("/auth", {{"X-Forwarded-Uri", target}, {"X-Forwarded-Method", "GET"}, {"Authorization", limited}});
  };
  EXPECT_EQ(forwarded(file).status, 200u);
  const http::Response refused = forwarded(file);
  EXPECT_EQ(refused.status, 429u);
  EXPECT_EQ(header(refused, "X-Packyard-Reason"), "limit_reached");
  EXPECT_EQ(header(refused, "Retry-After"), std::to_string(day_seconds - clock_.now().seconds % day_seconds));
  EXPECT_EQ(header(refused, "WWW-Authenticate"), "");
  EXPECT_NE(refused.body.find("1 requests a day"), std::string::npos) << refused.body;
  EXPECT_NE(forwarded("/v2/core/2025/server/manifests/1.0").body.find("TOOMANYREQUESTS"), std::string::npos);
  const http::Response to_nginx =
      ask("/auth/nginx", {{"X-Original-URI", file}, {"X-Original-Method", "GET"}, {"Authorization", limited}});
  EXPECT_EQ(to_nginx.status, 403u);
  EXPECT_EQ(header(to_nginx, "X-Packyard-Reason"), "limit_reached");
  EXPECT_NE(header(to_nginx, "Retry-After"), "");
}

TEST_F(ForwardAuthTest, TheUserAgentIsCountedWhereAProxyReportsIt) {
  ask("/auth", {{"X-Forwarded-Uri", file}, {"X-Forwarded-Method", "GET"}, {"Authorization", core_}, {"User-Agent", "curl/8.1 x"},
                {"X-Forwarded-For", "203.0.113.7"}});
  ask("/auth/nginx", {{"X-Original-URI", file}, {"X-Original-Method", "GET"}, {"Authorization", core_}});
  ASSERT_TRUE(usage_.flush(store_, clock_.now()));
  const UsageDay day = store_.usage_of(KeyId{"key_1"}, {})->days.at(0);
  EXPECT_EQ(day.requests, 2u);
  EXPECT_EQ(day.clients, std::vector<std::string>{"curl/8.1"});
}

TEST_F(ForwardAuthTest, AllowIsAPlain200) {
  const http::Response response =
      ask("/auth", {{"X-Forwarded-Uri", file}, {"X-Forwarded-Method", "GET"}, {"Authorization", core_}});
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(header(response, "Cache-Control"), "no-store");
  EXPECT_EQ(header(response, "Authorization"), "");
}

TEST_F(ForwardAuthTest, MissingDoubledEmptyAndForeignHeadersAreDenied) {
  const std::vector<std::pair<std::string, Headers>> cases = {
      {"/auth", {{"X-Forwarded-Method", "GET"}}},
      {"/auth", {{"X-Forwarded-Uri", file}}},
      {"/auth", {{"X-Forwarded-Uri", ""}, {"X-Forwarded-Method", "GET"}}},
      {"/auth", {{"X-Forwarded-Uri", file}, {"X-Forwarded-Uri", file}, {"X-Forwarded-Method", "GET"}}},
      {"/auth", {{"X-Forwarded-Uri", file}, {"X-Forwarded-Method", "GET"}, {"X-Forwarded-Method", "GET"}}},
      {"/auth", {{"X-Forwarded-Uri", file}, {"X-Forwarded-Method", "GET, GET"}}},
      {"/auth", {{"X-Forwarded-Uri", file}, {"X-Forwarded-Method", "GET"}, {"X-Original-URI", file}}},
      {"/auth", {{"X-Original-URI", file}, {"X-Original-Method", "GET"}}},
      {"/auth", {{"X_Forwarded_Uri", file}, {"X.Forwarded.Method", "GET"}}},
      {"/auth/nginx", {{"X-Original-URI", file}, {"X-Original-Method", "GET"}, {"X-Forwarded-Uri", file}}},
      {"/auth/nginx", {{"X-Original-URI", file}, {"X-Original-Method", "GET"}, {"X-Forwarded-Method", "GET"}}},
      {"/auth/nginx", {{"X-Forwarded-Uri", file}, {"X-Forwarded-Method", "GET"}}},
      {"/auth/envoy" + std::string(file), {{"X-Forwarded-Uri", file}}},
      {"/auth/envoy" + std::string(file), {{"X-Original-Method", "GET"}}},
  };
  for (auto [target, headers] : cases) {
    headers.push_back({"Authorization", core_});
    const http::Response response = ask(target, headers);
    EXPECT_EQ(response.status, 403u) << target << " " << headers.front().name;
    EXPECT_EQ(header(response, "WWW-Authenticate"), "");
  }
}

TEST_F(ForwardAuthTest, DenialsCarryChallengeAndReason) {
  const auto denied = [&](std::string_view target, const std::string& authorization) {
    Headers headers = {{"X-Forwarded-Uri", target}, {"X-Forwarded-Method", "GET"}};
    if (!authorization.empty()) headers.push_back({"Authorization", authorization});
    return ask("/auth", headers);
  };
  const http::Response none = denied(file, "");
  EXPECT_EQ(none.status, 401u);
  EXPECT_EQ(header(none, "WWW-Authenticate"), "Basic realm=\"packyard\", charset=\"UTF-8\"");
  EXPECT_EQ(header(none, "X-Packyard-Reason"), "no_key");
  EXPECT_EQ(header(denied(file, "Basic dXNlcjprZXk="), "X-Packyard-Reason"), "bad_key");
  const http::Response scope = denied("/rpm/plus/2025/el9-x86_64/repodata/repomd.xml", core_);
  EXPECT_EQ(scope.status, 401u);
  EXPECT_EQ(header(scope, "X-Packyard-Reason"), "wrong_component");
  EXPECT_EQ(denied("/rpm/core/..%2fplus/x", core_).status, 403u);
  const http::Response registry = denied("/v2/", "");
  EXPECT_EQ(header(registry, "Content-Type"), "application/json");
  EXPECT_NE(registry.body.find("\"code\":\"UNAUTHORIZED\""), std::string::npos);
}

TEST_F(ForwardAuthTest, AKeyForSomeAddressesIsJudgedByWhatTheProxySays) {
  KeyRecord record{.id = {},
                   .digest = {},
                   .pepper_id = {},
                   .scope = KeyScope::of(ComponentName::parse("core").value()),
                   .label = "label",
                   .created_at = clock_.now()};
  record.scope.addresses = {AddressRange::parse("203.0.113.0/24").value()};
  const std::string key = basic(make_key(record));
  const auto from = [&](const char* endpoint, http::Header uri, http::Header method, Headers more) {
    more.insert(more.end(), {uri, method, {"Authorization", key}});
    const http::Response response = ask(endpoint, more);
    return response.status == 200 ? "ok" : header(response, "X-Packyard-Reason");
  };
  const auto traefik = [&](Headers more) { return from("/auth", {"X-Forwarded-Uri", file}, {"X-Forwarded-Method", "GET"}, more); };
  const auto nginx = [&](Headers more) { return from("/auth/nginx", {"X-Original-URI", file}, {"X-Original-Method", "GET"}, more); };
  EXPECT_EQ(traefik({{"X-Forwarded-For", "203.0.113.7"}}), "ok");
  EXPECT_EQ(traefik({{"X-Forwarded-For", "203.0.113.7, 198.51.100.1"}}), "wrong_address");
  EXPECT_EQ(traefik({{"X-Real-IP", "203.0.113.7"}}), "wrong_address");
  EXPECT_EQ(traefik({}), "wrong_address");
  EXPECT_EQ(nginx({{"X-Real-IP", "203.0.113.7"}}), "ok");
  EXPECT_EQ(nginx({{"X-Forwarded-For", "203.0.113.7"}}), "wrong_address");
}

TEST_F(ForwardAuthTest, AKeyInItsTimeOfGracePassesWithAWarning) {
  KeyRecord record{.id = {},
                   .digest = {},
                   .pepper_id = {},
                   .scope = KeyScope::of(ComponentName::parse("core").value()),
                   .label = "label",
                   .created_at = clock_.now(),
                   .expires_at = Timestamp{clock_.now().seconds + 10},
                   .grace = std::chrono::seconds(5)};
  const std::string key = basic(make_key(record));
  const auto asked = [&] { return ask("/auth", {{"X-Forwarded-Uri", file}, {"X-Forwarded-Method", "GET"}, {"Authorization", key}}); };
  EXPECT_EQ(header(asked(), "X-Packyard-Warning"), "");
  clock_.set(*record.expires_at);
  EXPECT_EQ(asked().status, 200u);
  EXPECT_EQ(observer_.last, Reason::in_grace);
  EXPECT_EQ(header(asked(), "X-Packyard-Warning"),
            "subscriber key expired 2027-01-15T08:00:10Z, refused from 2027-01-15T08:00:15Z");
  clock_.set(Timestamp{record.expires_at->seconds + 5});
  EXPECT_EQ(asked().status, 401u);
  EXPECT_EQ(header(asked(), "X-Packyard-Reason"), "expired");
}

TEST_F(ForwardAuthTest, AChallengeComesWith401Alone) {
  GateSettings gate = settings({ProxyFamily::forwarded});
  gate.scope_denial_status = 403;
  ForwardAuthHandler handler(gatekeeper_, follower_, observer_, gate, log_);
  http::Request request;
  request.method = "GET";
  request.target = "/auth";
  request.headers = {{"X-Forwarded-Uri", "/v2/plus/2025/server/manifests/1"}, {"X-Forwarded-Method", "GET"}, {"Authorization", core_}};
  const http::Response response = handler.handle(request);
  EXPECT_EQ(response.status, 403u);
  EXPECT_EQ(header(response, "WWW-Authenticate"), "");
  EXPECT_EQ(header(response, "X-Packyard-Reason"), "wrong_component");
  EXPECT_NE(response.body.find("\"code\":\"DENIED\",\"message\":\"this subscriber key does not open this component\""), std::string::npos);
}

TEST_F(ForwardAuthTest, APushIs405ToThoseThatPassItOnAnd403ToNginx) {
  const std::string target = "/v2/core/2025/server/blobs/uploads/";
  const auto pushed = [&](const char* endpoint, const char* uri, const char* method, Headers headers) {
    headers.insert(headers.end(), {{uri, target}, {method, "POST"}});
    return ask(endpoint, headers);
  };
  const http::Response traefik = pushed("/auth", "X-Forwarded-Uri", "X-Forwarded-Method", {{"Authorization", core_}});
  EXPECT_EQ(traefik.status, 405u);
  EXPECT_EQ(header(traefik, "Allow"), "GET, HEAD");
  EXPECT_EQ(header(traefik, "WWW-Authenticate"), "");
  EXPECT_NE(traefik.body.find("\"code\":\"UNSUPPORTED\",\"message\":\"images cannot be pushed"), std::string::npos);
  EXPECT_EQ(ask("/auth/envoy" + target, {{"Authorization", core_}}, "PUT").status, 405u);
  const http::Response nginx = pushed("/auth/nginx", "X-Original-URI", "X-Original-Method", {{"Authorization", core_}});
  EXPECT_EQ(nginx.status, 403u);
  EXPECT_EQ(header(nginx, "X-Packyard-Reason"), "bad_method");
  const http::Response none = pushed("/auth", "X-Forwarded-Uri", "X-Forwarded-Method", {});
  EXPECT_EQ(none.status, 401u);
  EXPECT_NE(header(none, "WWW-Authenticate"), "");
}

TEST_F(ForwardAuthTest, OwnFailureIs503WithRetryAfter) {
  store_.fail_with(Error{ErrorCode::unavailable, "locked"});
  signal_.raise();
  const http::Response response =
      ask("/auth", {{"X-Forwarded-Uri", file}, {"X-Forwarded-Method", "GET"}, {"Authorization", core_}});
  EXPECT_EQ(response.status, 503u);
  EXPECT_EQ(header(response, "Retry-After"), "2");
  EXPECT_EQ(ask("/readyz", {}).status, 503u);
  EXPECT_EQ(ask("/healthz", {}).status, 200u);
}

TEST_F(ForwardAuthTest, EndpointsExistOnlyWhenConfigured) {
  ForwardAuthHandler only_nginx(gatekeeper_, follower_, observer_, settings({ProxyFamily::nginx}), log_);
  for (const char* target :
       {"/auth", "/auth/envoy/rpm/core/2025/el9-x86_64/x", "/", "/auth/", "/auth/nginx/", "/metrics", "/api/v1/keys"}) {
    http::Request request;
    request.method = "GET";
    request.target = target;
    EXPECT_EQ(only_nginx.handle(request).status, 404u) << target;
  }
  EXPECT_EQ(ask("/readyz", {}).status, 200u);
}

TEST_F(ForwardAuthTest, TheLogHoldsNoQuery) {
  testing::internal::CaptureStderr();
  const Log log{LogLevel::info};
  ForwardAuthHandler handler(gatekeeper_, follower_, observer_, settings({ProxyFamily::forwarded}), log);
  http::Request request;
  request.method = "GET";
  request.target = "/auth";
  const std::string target = std::string(file) + "?key=pky_misplaced";
  request.headers = {{"X-Forwarded-Uri", target}, {"X-Forwarded-Method", "GET"}};
  EXPECT_EQ(handler.handle(request).status, 401u);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("target=" + std::string(file) + " "), std::string::npos) << text;
  EXPECT_EQ(text.find("pky_misplaced"), std::string::npos) << text;
}

}  // namespace
}  // namespace packyard
