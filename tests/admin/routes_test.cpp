#include "admin/routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "auth/subscriber_key.h"
#include "tests/support/admin_world.h"

namespace packyard {
namespace {

class Routes : public testing::Test {
 protected:
  KeyView create_one(std::string_view body = R"({"component":"core","label":"ACME"})") {
    const http::Response response = world_.create(body);
    EXPECT_EQ(response.status, 201u) << response.body;
    return std::move(parse_key_view(response.body).value());
  }
  AdminWorld world_;
};

TEST_F(Routes, AKeyFromCreationToRevocation) {
  const http::Response created = world_.create(R"({"component":"core","label":"ACME","expires_at":"2027-01-01T00:00:00Z"})");
  ASSERT_EQ(created.status, 201u) << created.body;
  const auto view = parse_key_view(created.body);
  EXPECT_TRUE(is_well_formed_subscriber_key(view->key.reveal()));
  EXPECT_EQ(view->created_at, "2026-01-01T00:00:00Z");
  EXPECT_EQ(view->expires_at, "2027-01-01T00:00:00Z");
  EXPECT_EQ(header_of(created, "Location"), "/api/v1/keys/" + view->id);

  const http::Response listed = world_.ask("GET", "/api/v1/keys");
  ASSERT_EQ(listed.status, 200u);
  ASSERT_EQ(parse_key_views(listed.body)->size(), 1u);
  const http::Response shown = world_.ask("GET", "/api/v1/keys/" + view->id);
  ASSERT_EQ(shown.status, 200u);
  const http::Response revoked = world_.ask("DELETE", "/api/v1/keys/" + view->id);
  ASSERT_EQ(revoked.status, 200u);
  EXPECT_EQ(parse_key_view(revoked.body)->revoked_at, "2026-01-01T00:00:00Z");
  EXPECT_EQ(parse_key_view(revoked.body)->status, "revoked");
  world_.clock.set(Timestamp{AdminWorld::start_seconds + 60});
  EXPECT_EQ(world_.ask("DELETE", "/api/v1/keys/" + view->id).body, revoked.body);
  EXPECT_EQ(parse_key_views(world_.ask("GET", "/api/v1/keys").body)->size(), 1u);

  for (const http::Response& response : {listed, shown, revoked}) {
    EXPECT_EQ(response.body.find(view->key.reveal()), std::string::npos);
    EXPECT_EQ(response.body.find("digest"), std::string::npos);
  }
}

TEST_F(Routes, EveryAnswerKeepsBrowsersOut) {
  for (const http::Response& response :
       {world_.ask("GET", "/api/v1/keys"), world_.create(R"({"component":"core","label":"x"})"), world_.create("{"),
        world_.ask("OPTIONS", "/api/v1/keys", {},
                   {{"Origin", "http://localhost:8088"}, {"Access-Control-Request-Method", "DELETE"}}),
        world_.ask("GET", "/", {}, {{"Host", "evil.example"}}), world_.ask("GET", "/healthz")}) {
    EXPECT_EQ(header_of(response, "Cache-Control"), "no-store");
    EXPECT_EQ(header_of(response, "X-Content-Type-Options"), "nosniff");
    EXPECT_NE(header_of(response, "Content-Security-Policy").find("frame-ancestors 'none'"), std::string::npos);
    EXPECT_EQ(header_of(response, "Content-Type"), "application/json");
    for (const http::ResponseHeader& header : response.headers)
      EXPECT_FALSE(header.name.starts_with("Access-Control")) << header.name;
  }
}

TEST_F(Routes, MethodsOutsideTheTableAreRefusedWithTheListOfThoseInIt) {
  const auto refused = [&](std::string_view method, std::string_view target) {
    return world_.ask(method, target, {}, {{"Content-Type", "application/json"}});
  };
  EXPECT_EQ(header_of(refused("PUT", "/api/v1/keys"), "Allow"), "POST, GET, HEAD");
  EXPECT_EQ(header_of(refused("POST", "/api/v1/keys/key_0123456789abcdef"), "Allow"), "GET, HEAD, DELETE");
  EXPECT_EQ(refused("PATCH", "/api/v1/keys/key_0123456789abcdef").status, 405u);
  EXPECT_EQ(refused("DELETE", "/api/v1/keys").status, 405u);
  EXPECT_EQ(refused("get", "/api/v1/keys").status, 405u);
  EXPECT_EQ(refused("TRACE", "/healthz").status, 405u);
  EXPECT_EQ(world_.ask("OPTIONS", "/api/v1/keys").status, 405u);
  EXPECT_NE(header_of(world_.ask("OPTIONS", "/api/v1/keys"), "Allow"), "");
  EXPECT_EQ(world_.ask("HEAD", "/api/v1/keys").status, 200u);
}

TEST_F(Routes, PathsAreComparedByteByByte) {
  const std::string id = create_one().id;
  for (const std::string path : {"/", "/api/v1/keys/", "//api/v1/keys", "/api/v1/keys/x/y", "/api/v1/./keys", "/api/v1/%6beys",
                                 "/API/v1/keys", "/api/v1", "/healthz/", "/api/v1/keys/../keys"})
    EXPECT_EQ(error_code_of(world_.ask("GET", path)), "route_not_found") << path;
  EXPECT_EQ(error_code_of(world_.ask("GET", "/api/v1/keys/%6b" + id.substr(1))), "key_not_found");
  EXPECT_EQ(error_code_of(world_.ask("GET", "/api/v1/keys/..")), "key_not_found");
}

TEST_F(Routes, HealthIsAlive) {
  const http::Response response = world_.ask("GET", "/healthz");
  EXPECT_EQ(response.status, 200u);
  world_.store.fail_with(Error{ErrorCode::unavailable, "full"});
  EXPECT_EQ(world_.ask("GET", "/healthz").status, 200u);
}

// What a page of another site can make a browser send without asking first, and what it sends after DNS rebinding.
TEST_F(Routes, WebPagesCannotMakeKeys) {
  const std::string_view body = R"({"component":"core","label":"evil"})";
  const auto post = [&](std::vector<http::Header> headers) {
    return error_code_of(world_.ask("POST", "/api/v1/keys", body, std::move(headers)));
  };
  const http::Header own{"Host", "localhost:8088"};
  const http::Header type{"Content-Type", "application/json"};
  EXPECT_EQ(post({own, {"Content-Type", "text/plain"}, {"Origin", "http://evil.example"}, {"Sec-Fetch-Site", "cross-site"}}),
            "cross_site");
  EXPECT_EQ(post({own, {"Content-Type", "text/plain"}, {"Origin", "http://evil.example"}}), "origin_not_allowed");
  EXPECT_EQ(post({own, {"Content-Type", "text/plain"}}), "media_type_unsupported");
  EXPECT_EQ(post({own, {"Content-Type", "application/x-www-form-urlencoded"}}), "media_type_unsupported");
  EXPECT_EQ(post({own, type, {"Origin", "null"}}), "origin_not_allowed");
  EXPECT_EQ(post({{"Host", "evil.example:8088"}, type, {"Origin", "http://evil.example:8088"}}), "host_not_allowed");
  EXPECT_TRUE(world_.store.list()->empty());
}

TEST_F(Routes, AStoreThatFailsGives503AndTheNextRequestWorks) {
  const std::string id = create_one().id;
  world_.store.fail_with(Error{ErrorCode::unavailable, "writing: No space left on device"});
  for (const http::Response& response : {world_.create(R"({"component":"core","label":"x"})"), world_.ask("GET", "/api/v1/keys"),
                                         world_.ask("GET", "/api/v1/keys/" + id), world_.ask("DELETE", "/api/v1/keys/" + id)}) {
    EXPECT_EQ(response.status, 503u);
    EXPECT_EQ(error_code_of(response), "store_unavailable");
    EXPECT_EQ(header_of(response, "Retry-After"), "5");
    EXPECT_EQ(response.body.find("device"), std::string::npos);
  }
  world_.store.fail_with(std::nullopt);
  EXPECT_EQ(world_.ask("DELETE", "/api/v1/keys/" + id).status, 200u);
}

// Each entry of the catalogue, reached through the front door.
TEST_F(Routes, EveryCatalogueEntryIsReached) {
  const std::string id = create_one().id;
  const http::Header json{"Content-Type", "application/json"};
  std::vector<http::Response> answers = {
      world_.ask("GET", "/api/v1/keys", {}, {{"Host", ""}}),
      world_.ask("GET", "/api/v1/keys", {}, {{"Host", "evil.example"}}),
      world_.ask("GET", "/api/v1/keys", {}, {{"Origin", "null"}}),
      world_.ask("GET", "/api/v1/keys", {}, {{"Sec-Fetch-Site", "cross-site"}}),
      world_.ask("GET", "*"),
      world_.ask("GET", "/api/v1/keys?a=b"),
      world_.ask("GET", "/nothing"),
      world_.ask("PUT", "/api/v1/keys", "{}", {json}),
      world_.ask("POST", "/api/v1/keys", "{}", {{"Content-Type", "text/plain"}}),
      world_.create(std::string(64 * 1024 + 1, ' ')),
      world_.ask("GET", "/api/v1/keys", "{}"),
      world_.create("{"),
      world_.create(R"({"component":"core","label":"x","extra":"y"})"),
      world_.create(R"({"component":"core","label":"x","label":"y"})"),
      world_.create(R"({"component":"core"})"),
      world_.create(R"({"component":"core","label":1})"),
      world_.create(R"({"component":"core","label":""})"),
      world_.create(R"({"component":"other","label":"x"})"),
      world_.create(R"({"component":"core","label":"x","expires_at":"soon"})"),
      world_.create(R"({"component":"core","label":"x","expires_at":"2025-01-01T00:00:00Z"})"),
      world_.ask("GET", "/api/v1/keys/key_absent"),
  };
  for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::corrupt, ErrorCode::internal}) {
    world_.store.fail_with(Error{code, "told to"});
    answers.push_back(world_.ask("GET", "/api/v1/keys/" + id));
  }
  AdminWorld with_token(Secret("a token of the site"));
  answers.push_back(with_token.ask("GET", "/api/v1/keys"));
  std::set<std::string> reached;
  for (const http::Response& answer : answers) {
    const std::string code = error_code_of(answer);
    reached.insert(code);
    const auto entry = std::ranges::find(error_catalog(), code, &ApiErrorEntry::code);
    ASSERT_NE(entry, error_catalog().end()) << answer.body;
    EXPECT_EQ(answer.status, entry->status) << code;
    EXPECT_FALSE(parse_error_view(answer.body)->message.empty());
  }
  for (const ApiErrorEntry& entry : error_catalog()) EXPECT_TRUE(reached.contains(std::string(entry.code))) << entry.code;
  EXPECT_EQ(reached.size(), error_catalog().size());
}

TEST_F(Routes, TheTableIsTheContract) {
  std::set<std::string> table;
  for (const AdminRoute& route : admin_routes()) table.insert(std::string(route.method) + " " + std::string(route.path));
  EXPECT_EQ(table, (std::set<std::string>{"POST /api/v1/keys", "GET /api/v1/keys", "GET /api/v1/keys/{id}",
                                          "DELETE /api/v1/keys/{id}", "GET /healthz"}));
}

}  // namespace
}  // namespace packyard
