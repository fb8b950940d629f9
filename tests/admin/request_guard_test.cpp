#include "admin/request_guard.h"

#include <gtest/gtest.h>

#include <optional>
#include <tuple>

namespace packyard {
namespace {

class RequestGuardTest : public testing::Test {
 protected:
  std::optional<ApiError> refused(std::string_view method, std::string_view target, std::vector<http::Header> headers,
                                  std::string_view body = {}) {
    http::Request request;
    request.method = method;
    request.target = target;
    request.headers = std::move(headers);
    request.body = body;
    const auto path = guard_.admit(request);
    if (path) return std::nullopt;
    return path.error().error;
  }
  RequestGuard guard_ = RequestGuard::make({"admin.example.org", "fixed.example.org:8088"}).value();
};

std::vector<AdminToken> tokens_of(std::initializer_list<std::tuple<const char*, AdminRole, std::string>> all) {
  std::vector<AdminToken> tokens;
  for (const auto& [name, role, token] : all) tokens.push_back({name, role, Secret(std::string(token))});
  return tokens;
}

constexpr std::string_view list = "/api/v1/keys";
constexpr std::string_view json = "application/json";

TEST_F(RequestGuardTest, AnswersOnlyUnderItsOwnNames) {
  for (const char* host :
       {"localhost", "localhost:8088", "localhost:1", "127.0.0.1", "127.0.0.1:65535", "[::1]", "[::1]:8088", "LOCALHOST:8088",
        " localhost ", "admin.example.org", "admin.example.org:443", "Admin.Example.org", "fixed.example.org:8088"})
    EXPECT_EQ(refused("GET", list, {{"Host", host}}), std::nullopt) << host;
  // The first three are what DNS rebinding looks like.
  for (const char* host : {"evil.example",
                           "evil.example:8088",
                           "localhost.evil.example",
                           "127.0.0.1.evil.example",
                           "localhost.",
                           "localhost:",
                           "localhost:x",
                           "localhost:808800",
                           "localhost:8088:1",
                           "0.0.0.0",
                           "127.0.0.2",
                           "127.1",
                           "2130706433",
                           "0x7f.0.0.1",
                           "[::]",
                           "[::1",
                           "::1",
                           "[::1]8088",
                           "[::ffff:127.0.0.1]",
                           "user@localhost",
                           "localhost@evil.example",
                           "localhost,evil.example",
                           "localhost evil.example",
                           "fixed.example.org",
                           "fixed.example.org:8089",
                           "xadmin.example.org",
                           "admin.example.org.",
                           "localhost/",
                           "localhost#",
                           "localhost?x",
                           "localhost\\x"})
    EXPECT_EQ(refused("GET", list, {{"Host", host}}), ApiError::host_not_allowed) << host;
}

TEST_F(RequestGuardTest, NeedsExactlyOneHost) {
  EXPECT_EQ(refused("GET", list, {}), ApiError::host_missing);
  EXPECT_EQ(refused("GET", list, {{"Host", ""}}), ApiError::host_missing);
  EXPECT_EQ(refused("GET", list, {{"Host", "localhost"}, {"host", "localhost"}}), ApiError::host_missing);
  EXPECT_EQ(refused("GET", list, {{"Host", "evil.example"}, {"HOST", "localhost"}}), ApiError::host_missing);
  EXPECT_EQ(refused("GET", list, {{"X-Forwarded-Host", "localhost"}, {"Host", "evil.example"}}), ApiError::host_not_allowed);
}

TEST_F(RequestGuardTest, AnAbsoluteTargetMustNameTheSameHost) {
  EXPECT_EQ(refused("GET", "http://localhost:8088/api/v1/keys", {{"Host", "localhost:8088"}}), std::nullopt);
  EXPECT_EQ(refused("GET", "HTTP://LOCALHOST:8088/healthz", {{"Host", "localhost:8088"}}), std::nullopt);
  for (const char* target :
       {"http://evil.example/api/v1/keys", "http://localhost/api/v1/keys", "http://localhost:8088@evil.example/",
        "http://user@localhost:8088/", "ftp://localhost:8088/", "*", "api/v1/keys", "", "localhost:8088", "\\api"})
    EXPECT_EQ(refused("GET", target, {{"Host", "localhost:8088"}}), ApiError::target_invalid) << target;
}

TEST_F(RequestGuardTest, GivesThePathWithoutTheQuestionMark) {
  http::Request request;
  request.method = "GET";
  request.headers = {{"Host", "localhost"}};
  for (const char* target : {"/healthz", "/healthz?", "http://localhost/healthz"}) {
    request.target = target;
    EXPECT_EQ(guard_.admit(request)->path, "/healthz") << target;
    EXPECT_EQ(guard_.admit(request)->query, "") << target;
  }
  for (const char* target : {"/api/v1/keys?component=core&a=?", "http://localhost/api/v1/keys?component=core&a=?"}) {
    request.target = target;
    EXPECT_EQ(guard_.admit(request)->path, "/api/v1/keys") << target;
    EXPECT_EQ(guard_.admit(request)->query, "component=core&a=?") << target;
  }
}

TEST_F(RequestGuardTest, RefusesOtherSitesOfABrowser) {
  for (const char* method : {"GET", "HEAD", "DELETE"}) {
    for (const char* site : {"cross-site", "same-site", "", "Same-Origin", "anything"})
      EXPECT_EQ(refused(method, list, {{"Host", "localhost:8088"}, {"Sec-Fetch-Site", site}}), ApiError::cross_site) << site;
    for (const char* site : {"same-origin", "none"})
      EXPECT_EQ(refused(method, list, {{"Host", "localhost:8088"}, {"Sec-Fetch-Site", site}}), std::nullopt) << site;
    for (const char* origin :
         {"null", "", "http://evil.example", "http://localhost:3000", "http://localhost", "http://localhost:8088.evil.example",
          "localhost:8088", "http://localhost:8088/", "ftp://localhost:8088", "http://localhost:8088 http://evil.example"})
      EXPECT_EQ(refused(method, list, {{"Host", "localhost:8088"}, {"Origin", origin}}), ApiError::origin_not_allowed) << origin;
    for (const char* origin : {"http://localhost:8088", "https://localhost:8088"})
      EXPECT_EQ(refused(method, list, {{"Host", "localhost:8088"}, {"Origin", origin}}), std::nullopt) << origin;
  }
  EXPECT_EQ(refused("GET", list, {{"Host", "localhost"}, {"Sec-Fetch-Site", "none"}, {"sec-fetch-site", "cross-site"}}),
            ApiError::cross_site);
  EXPECT_EQ(refused("GET", list, {{"Host", "localhost"}, {"Origin", "http://localhost"}, {"Origin", "null"}}),
            ApiError::origin_not_allowed);
  // Node's fetch sends Sec-Fetch-Mode without an Origin: not a browser, and welcome.
  EXPECT_EQ(refused("POST", list, {{"Host", "localhost"}, {"Content-Type", json}, {"Sec-Fetch-Mode", "cors"}}, "{}"),
            std::nullopt);
}

TEST_F(RequestGuardTest, WritingNeedsJson) {
  for (const char* type :
       {"application/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\"", " application/json "})
    EXPECT_EQ(refused("POST", list, {{"Host", "localhost"}, {"Content-Type", type}}, "{}"), std::nullopt) << type;
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "",
                           "application/jsonp", "text/json", "application/json; charset=utf-16", "application/json; a=b",
                           "application/json, text/plain", "text/plain; application/json"})
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE"})
      EXPECT_EQ(refused(method, list, {{"Host", "localhost"}, {"Content-Type", type}}, "{}"), ApiError::media_type_unsupported)
          << type;
  EXPECT_EQ(refused("POST", list, {{"Host", "localhost"}}, "{}"), ApiError::media_type_unsupported);
  EXPECT_EQ(refused("POST", list, {{"Host", "localhost"}, {"Content-Type", json}, {"Content-Type", "text/plain"}}, "{}"),
            ApiError::media_type_unsupported);
}

// No page can send DELETE across sites without a preflight, and OPTIONS is always refused.
TEST_F(RequestGuardTest, DeletingWithoutABodyNeedsNoType) {
  EXPECT_EQ(refused("DELETE", "/api/v1/keys/x", {{"Host", "localhost"}}), std::nullopt);
  EXPECT_EQ(refused("DELETE", "/api/v1/keys/x", {{"Host", "localhost"}, {"Content-Type", json}}), std::nullopt);
  EXPECT_EQ(refused("DELETE", "/api/v1/keys/x", {{"Host", "localhost"}, {"Content-Type", "text/plain"}}),
            ApiError::media_type_unsupported);
  EXPECT_EQ(refused("DELETE", "/api/v1/keys/x", {{"Host", "localhost"}, {"Content-Type", json}}, "{}"),
            ApiError::body_unexpected);
  EXPECT_EQ(refused("OPTIONS", "/api/v1/keys/x", {{"Host", "localhost"}}), ApiError::method_not_allowed);
  EXPECT_EQ(refused("OPTIONS", "*", {{"Host", "localhost"}}), ApiError::method_not_allowed);
}

TEST_F(RequestGuardTest, BodiesAreBounded) {
  const std::string largest(64 * 1024, ' ');
  EXPECT_EQ(refused("POST", list, {{"Host", "localhost"}, {"Content-Type", json}}, largest), std::nullopt);
  EXPECT_EQ(refused("POST", list, {{"Host", "localhost"}, {"Content-Type", json}}, largest + " "), ApiError::body_too_large);
  EXPECT_EQ(refused("GET", list, {{"Host", "localhost"}}, "x"), ApiError::body_unexpected);
  const std::string lines(4 * 1024 * 1024, ' ');
  EXPECT_EQ(refused("POST", list, {{"Host", "localhost"}, {"Content-Type", "application/x-ndjson"}}, lines), std::nullopt);
  EXPECT_EQ(refused("POST", list, {{"Host", "localhost"}, {"Content-Type", "application/x-ndjson"}}, lines + " "),
            ApiError::body_too_large);
}

TEST_F(RequestGuardTest, ConfiguredNamesMustBeNames) {
  EXPECT_TRUE(RequestGuard::make({"a", "10.0.0.5:8088", "[fd00::1]"}));
  for (const char* host : {"", "*", "*.example.org", "http://a", "a/b", "a:", "a:b", "a b", "a,b", "a.", "u@a", "[fd00"}) {
    const auto made = RequestGuard::make({host});
    ASSERT_FALSE(made) << host;
    EXPECT_EQ(made.error().code, ErrorCode::invalid);
  }
}

TEST_F(RequestGuardTest, AsksForTheTokenWhereOneIsSet) {
  const std::string token(40, 't');
  guard_ = RequestGuard::make({}, tokens_of({{"ops", AdminRole::all, token}})).value();
  for (const std::string& value : {"Bearer " + token, "bearer " + token, " Bearer  " + token + " "})
    EXPECT_EQ(refused("GET", list, {{"Host", "localhost"}, {"Authorization", value}}), std::nullopt) << value;
  for (const std::string& value : {std::string(), std::string("Bearer"), std::string("Bearer "), token, "Basic " + token,
                                   "Bearer " + token + "t", "Bearer " + token.substr(1), "Bearer T" + token.substr(1)})
    for (const char* method : {"GET", "POST", "DELETE"})
      EXPECT_EQ(refused(method, list, {{"Host", "localhost"}, {"Authorization", value}}), ApiError::token_needed) << value;
  EXPECT_EQ(refused("GET", list, {{"Host", "localhost"}}), ApiError::token_needed);
  EXPECT_EQ(
      refused("GET", list, {{"Host", "localhost"}, {"Authorization", "Bearer " + token}, {"Authorization", "Bearer " + token}}),
      ApiError::token_needed);
  EXPECT_EQ(refused("GET", "/healthz", {{"Host", "localhost"}}), std::nullopt);
  for (const char* path : {"/healthz/", "/healthz/../api/v1/keys", "//healthz"})
    EXPECT_EQ(refused("GET", path, {{"Host", "localhost"}}), ApiError::token_needed) << path;
}

TEST_F(RequestGuardTest, TheTokenSaysWhoAsks) {
  const std::string first(40, 'a'), second(40, 'b');
  guard_ = RequestGuard::make({}, tokens_of({{"support", AdminRole::read, first}, {"ops", AdminRole::keys, second}})).value();
  const auto caller = [&](const std::string& token, const char* path) {
    http::Request request;
    request.method = "GET";
    request.target = path;
    request.headers = {{"Host", "localhost"}, {"Authorization", token}};
    request.peer_address = "192.0.2.9";
    return guard_.admit(request).value().caller;
  };
  EXPECT_EQ(caller("Bearer " + first, "/api/v1/keys"), (AdminCaller{"support", "192.0.2.9", AdminRole::read}));
  EXPECT_EQ(caller("Bearer " + second, "/api/v1/keys"), (AdminCaller{"ops", "192.0.2.9", AdminRole::keys}));
  EXPECT_EQ(caller("", "/healthz"), (AdminCaller{"anyone", "192.0.2.9", AdminRole::read}));
  guard_ = RequestGuard::make({}).value();
  EXPECT_EQ(caller("", "/api/v1/keys"), (AdminCaller{"anyone", "192.0.2.9", AdminRole::all}));
}

TEST_F(RequestGuardTest, TwoNamesForOneTokenAreRefused) {
  const std::string token(40, 'a');
  const auto made = RequestGuard::make({}, tokens_of({{"x", AdminRole::read, token}, {"y", AdminRole::all, token}}));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message.find(token), std::string::npos);
}

}  // namespace
}  // namespace packyard
