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
    return handler_.handle(request);
  }
  static std::string header(const http::Response& response, std::string_view name) {
    std::string found;
    for (const http::ResponseHeader& entry : response.headers)
      if (http::same_header_name(entry.name, name)) found = entry.value;
    return found;
  }

  CountingObserver observer_;
  ForwardAuthHandler handler_{
      gatekeeper_, follower_, observer_, {ProxyFamily::forwarded, ProxyFamily::nginx, ProxyFamily::envoy}, log_};
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
  ForwardAuthHandler only_nginx(gatekeeper_, follower_, observer_, {ProxyFamily::nginx}, log_);
  for (const char* target :
       {"/auth", "/auth/envoy/rpm/core/2025/el9-x86_64/x", "/", "/auth/", "/auth/nginx/", "/metrics", "/api/v1/keys"}) {
    http::Request request;
    request.method = "GET";
    request.target = target;
    EXPECT_EQ(only_nginx.handle(request).status, 404u) << target;
  }
  EXPECT_EQ(ask("/readyz", {}).status, 200u);
}

}  // namespace
}  // namespace packyard
