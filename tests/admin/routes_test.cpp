#include "admin/routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "auth/subscriber_key.h"
#include "tests/support/admin_world.h"

namespace packyard {
namespace {

constexpr AdminRole roles[] = {AdminRole::read, AdminRole::keys, AdminRole::all};

class Routes : public testing::Test {
 protected:
  // One for each role, named for it.
  static std::vector<AdminToken> tokens() {
    std::vector<AdminToken> all;
    for (const AdminRole role : roles)
      all.push_back({std::string(to_string(role)), role, Secret("token of " + std::string(to_string(role)))});
    return all;
  }
  static http::Header bearer(AdminRole role) {
    static const std::string values[] = {"Bearer token of read", "Bearer token of keys", "Bearer token of all"};
    return {"Authorization", values[static_cast<std::size_t>(role)]};
  }
  KeyView create_one(std::string_view body = R"({"component":"core","label":"ACME"})") {
    const http::Response response = world_.create(body);
    EXPECT_EQ(response.status, 201u) << response.body;
    return std::move(parse_key_view(response.body).value());
  }
  http::Response send(std::string_view method, const std::string& path, std::string_view body) {
    return world_.ask(method, path, body, {{"Content-Type", "application/json"}});
  }
  // Imports the first key again with a field that says something else.
  http::Response import_with(const std::string& field, const std::string& value) {
    std::string line = world_.ask("GET", "/api/v1/export?limit=1").body;
    const std::size_t begin = line.find("\"" + field + "\":\"") + field.size() + 4;
    line.replace(begin, line.find('"', begin) - begin, value);
    return world_.ask("POST", "/api/v1/import", line, {{"Content-Type", "application/x-ndjson"}});
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

TEST_F(Routes, AKeyIsChangedRotatedSuspendedAndResumed) {
  const http::Response created = world_.create(R"({"component":"core","label":"ACME"})");
  const auto before = parse_key_view(created.body);
  const std::string path = "/api/v1/keys/" + before->id;
  const http::Response changed = send("PATCH", path, R"({"components":["core","plus"],"years":["2025"],"metadata":{"contract":7}})");
  ASSERT_EQ(changed.status, 200u) << changed.body;
  EXPECT_EQ(parse_key_view(changed.body)->components, "core plus");
  EXPECT_EQ(parse_key_view(changed.body)->label, "ACME");
  EXPECT_EQ(send("PATCH", path, "{}").body, changed.body);

  const http::Response rotated = send("POST", path + "/rotate", R"({"overlap_seconds":60})");
  ASSERT_EQ(rotated.status, 200u) << rotated.body;
  const auto after = parse_key_view(rotated.body);
  EXPECT_TRUE(is_well_formed_subscriber_key(after->key.reveal()));
  EXPECT_NE(after->key.reveal(), before->key.reveal());
  EXPECT_EQ(after->former_until, "2026-01-01T00:01:00Z");
  const auto kept = world_.store.find(KeyId{before->id}).value();
  EXPECT_EQ(kept->digest, digest_of_key(world_.pepper, after->key.reveal()));
  EXPECT_EQ(kept->former_secrets.front().digest, digest_of_key(world_.pepper, before->key.reveal()));

  const http::Response suspended = send("POST", path + "/suspend", "{}");
  EXPECT_EQ(parse_key_view(suspended.body)->status, "suspended");
  world_.clock.set(Timestamp{AdminWorld::start_seconds + 5});
  EXPECT_EQ(parse_key_view(send("POST", path + "/suspend", "").body)->suspended_at, "2026-01-01T00:00:00Z");
  EXPECT_EQ(parse_key_view(send("POST", path + "/resume", "").body)->status, "active");
  EXPECT_EQ(parse_key_view(send("POST", path + "/resume", "").body)->status, "active");
  for (const http::Response& response : {changed, suspended, world_.ask("GET", path)})
    for (const KeyView* view : {&*before, &*after}) EXPECT_EQ(response.body.find(view->key.reveal()), std::string::npos);
}

TEST_F(Routes, ListsComeInPagesThatNameTheNext) {
  std::vector<std::string> made;
  for (int i = 0; i < 5; ++i) {
    world_.clock.set(Timestamp{AdminWorld::start_seconds + i});
    made.push_back(create_one(i == 2 ? R"({"component":"plus","label":"Plus & more"})" : R"({"component":"core","label":"ACME"})").id);
  }
  std::vector<std::string> seen;
  std::string target = "/api/v1/keys?limit=2&status=active";
  for (int page = 0; page < 3; ++page) {
    const http::Response response = world_.ask("GET", target);
    ASSERT_EQ(response.status, 200u) << response.body;
    const auto views = parse_key_views(response.body);
    for (const KeyView& view : *views) seen.push_back(view.id);
    const std::string link = header_of(response, "Link");
    EXPECT_EQ(link.empty(), page == 2) << link;
    if (!link.empty()) target = link.substr(1, link.find('>') - 1);
  }
  EXPECT_EQ(seen, made);
  const auto found = parse_key_views(world_.ask("GET", "/api/v1/keys?search=plus+%26").body);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().id, made[2]);
  EXPECT_EQ(header_of(world_.ask("GET", "/api/v1/keys"), "Link"), "");
  EXPECT_EQ(error_code_of(world_.ask("GET", "/api/v1/keys/" + made[0] + "?limit=1")), "query_unknown");
}

TEST_F(Routes, ACheckSaysWhatTheGateWould) {
  const http::Response created = world_.create(R"({"component":"core","label":"ACME"})");
  const auto key = parse_key_view(created.body);
  const auto check = [&](const std::string& fields) { return send("POST", "/api/v1/check", "{" + fields + "}"); };
  const std::string secret = "\"key\":\"" + std::string(key->key.reveal()) + "\",", id = "\"key_id\":\"" + key->id + "\",";
  const std::string core = R"("uri":"/rpm/core/2025/el9-x86_64/x")", plus = R"("uri":"/rpm/plus/2025/el9-x86_64/x")";
  const auto allowed = parse_check_view(check(secret + core).body);
  EXPECT_EQ(allowed->outcome + allowed->reason + std::to_string(allowed->status), "allowok200");
  EXPECT_EQ(allowed->key_id, key->id);
  EXPECT_EQ(parse_check_view(check(id + plus).body)->reason, "wrong_component");
  EXPECT_EQ(parse_check_view(check(id + core + R"(,"method":"PUT")").body)->reason, "bad_method");
  EXPECT_EQ(parse_check_view(check(secret + R"("uri":"/rpm/core/../x")").body)->path_rule, "dot_segment");
  const http::Response unknown = check(R"("key":"pky_unknown",)" + core);
  EXPECT_EQ(parse_check_view(unknown.body)->reason, "bad_key");
  EXPECT_EQ(unknown.body.find("pky_unknown"), std::string::npos);
  EXPECT_EQ(error_code_of(check(R"("key_id":"key_0123456789abcdef",)" + core)), "key_not_found");
  world_.store.fail_with(Error{ErrorCode::unavailable, "locked"});
  EXPECT_EQ(check(id + core).status, 503u);
  EXPECT_EQ(check(secret + core).status, 503u);
}

TEST_F(Routes, ManyKeysAreMadeAtOnceOrNoneIs) {
  const auto lines = [&](std::string_view path, std::string_view body) {
    return world_.ask("POST", path, body, {{"Content-Type", "application/x-ndjson"}});
  };
  const std::string_view good = "{\"component\":\"core\",\"label\":\"a\"}\n{\"component\":\"plus\",\"label\":\"b\"}\n";
  const http::Response refused = lines("/api/v1/keys", std::string(good) + "{\"component\":\"other\",\"label\":\"c\"}\n");
  EXPECT_EQ(error_code_of(refused), "component_unknown");
  EXPECT_NE(refused.body.find("key 3: "), std::string::npos) << refused.body;
  EXPECT_TRUE(world_.store.list()->empty());
  const http::Response made = lines("/api/v1/keys", good);
  ASSERT_EQ(made.status, 201u) << made.body;
  EXPECT_EQ(header_of(made, "Content-Type"), "application/x-ndjson");
  const std::size_t end = made.body.find('\n');
  const auto first = parse_key_view(made.body.substr(0, end)), second = parse_key_view(made.body.substr(end + 1));
  EXPECT_TRUE(is_well_formed_subscriber_key(first->key.reveal()));
  EXPECT_EQ(second->components, "plus");
  EXPECT_EQ(world_.store.list()->size(), 2u);
  EXPECT_EQ(error_code_of(lines("/api/v1/check", good)), "media_type_unsupported");
}

TEST_F(Routes, AnExportOpensElsewhereWithItsPeppers) {
  const std::string key(parse_key_view(world_.create(R"({"component":"core","label":"ACME"})").body)->key.reveal());
  create_one(R"({"component":"plus","label":"x","metadata":{"n":1.50}})");
  const http::Response exported = world_.ask("GET", "/api/v1/export?limit=1");
  ASSERT_EQ(exported.status, 200u);
  EXPECT_NE(header_of(exported, "Link"), "");
  const http::Response whole = world_.ask("GET", "/api/v1/export");
  EXPECT_EQ(whole.body.find("pky_"), std::string::npos);
  const auto import_into = [&](AdminWorld& world) {
    return world.ask("POST", "/api/v1/import", whole.body, {{"Content-Type", "application/x-ndjson"}});
  };
  AdminWorld other;
  EXPECT_EQ(import_into(other).body, "{\"imported\":2,\"skipped\":0}\n");
  EXPECT_EQ(import_into(other).body, "{\"imported\":0,\"skipped\":2}\n");
  EXPECT_EQ(other.store.list().value(), world_.store.list().value());
  const std::string question = R"({"uri":"/rpm/core/2025/el9-x86_64/x","key":")" + key + R"("})";
  const http::Response checked = other.ask("POST", "/api/v1/check", question, {{"Content-Type", "application/json"}});
  EXPECT_EQ(parse_check_view(checked.body)->outcome, "allow");
}

TEST_F(Routes, ARevokedKeyStaysRevoked) {
  const std::string path = "/api/v1/keys/" + create_one().id;
  ASSERT_EQ(world_.ask("DELETE", path).status, 200u);
  EXPECT_EQ(error_code_of(send("POST", path + "/rotate", R"({"overlap_seconds":0})")), "key_revoked");
  EXPECT_EQ(error_code_of(send("POST", path + "/suspend", "")), "key_revoked");
  EXPECT_EQ(error_code_of(send("POST", path + "/resume", "")), "key_revoked");
  const http::Response changed = send("PATCH", path, R"({"label":"gone"})");
  EXPECT_EQ(parse_key_view(changed.body)->label, "gone");
  EXPECT_EQ(parse_key_view(changed.body)->status, "revoked");
  for (const char* below : {"", "/rotate", "/suspend", "/resume"}) {
    const std::string absent = "/api/v1/keys/key_0123456789abcdef" + std::string(below);
    const std::string_view body = std::string_view(below) == "/rotate" ? R"({"overlap_seconds":0})" : "{}";
    EXPECT_EQ(error_code_of(send(std::string_view(below).empty() ? "PATCH" : "POST", absent, body)), "key_not_found") << below;
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
  EXPECT_EQ(header_of(refused("POST", "/api/v1/keys/key_0123456789abcdef"), "Allow"), "GET, HEAD, PATCH, DELETE");
  EXPECT_EQ(header_of(refused("DELETE", "/api/v1/keys/key_0123456789abcdef/rotate"), "Allow"), "POST");
  EXPECT_EQ(refused("PATCH", "/api/v1/keys").status, 405u);
  EXPECT_EQ(refused("DELETE", "/api/v1/keys").status, 405u);
  EXPECT_EQ(refused("get", "/api/v1/keys").status, 405u);
  EXPECT_EQ(refused("TRACE", "/healthz").status, 405u);
  EXPECT_EQ(world_.ask("OPTIONS", "/api/v1/keys").status, 405u);
  EXPECT_NE(header_of(world_.ask("OPTIONS", "/api/v1/keys"), "Allow"), "");
  EXPECT_EQ(world_.ask("HEAD", "/api/v1/keys").status, 200u);
}

TEST_F(Routes, PathsAreComparedByteByByte) {
  const std::string id = create_one().id;
  for (const std::string path : {"/", "/api/v1/keys/", "//api/v1/keys", "/api/v1/keys/x/y", "/api/v1/keys/x/y/rotate",
                                 "/api/v1/keys//rotate", "/api/v1/keys/x/rotate/",
                                 "/api/v1/./keys", "/api/v1/%6beys",
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

void expect_the_whole_catalogue(const std::vector<http::Response>& answers) {
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
      world_.ask("GET", "/api/v1/keys?limit=none"),
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
      world_.create(R"({"component":"core","label":"x","years":["25"]})"),
      world_.create(R"({"component":"core","label":"x","not_before":"soon"})"),
      world_.create(R"({"component":"core","label":"x","not_before":"2027-01-01T00:00:00Z","expires_at":"2027-01-01T00:00:00Z"})"),
      world_.create(R"({"component":"core","label":"x","grace_seconds":99999999})"),
      world_.create(R"({"component":"core","label":"x","requests_per_day":0})"),
      world_.create(R"({"component":"core","label":"x","metadata":{"a":")" + std::string(5000, 'x') + R"("}})"),
      world_.ask("GET", "/api/v1/keys/key_absent"),
      send("POST", "/api/v1/keys/" + id + "/rotate", R"({"overlap_seconds":99999999})"),
      send("POST", "/api/v1/check", R"({"uri":"/v2/"})"),
      import_with("pepper_id", "elsewhere"),
      import_with("digest", sha256("another").hex()),
  };
  for (int i = 0; i < 5; ++i) answers.push_back(send("POST", "/api/v1/keys/" + id + "/rotate", R"({"overlap_seconds":60})"));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(answers[answers.size() - 2 - static_cast<std::size_t>(i)].status, 200u);
  answers.erase(answers.end() - 5, answers.end() - 1);
  EXPECT_EQ(world_.ask("DELETE", "/api/v1/keys/" + id).status, 200u);
  answers.push_back(send("POST", "/api/v1/keys/" + id + "/resume", ""));
  for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::corrupt, ErrorCode::internal}) {
    world_.store.fail_with(Error{code, "told to"});
    answers.push_back(world_.ask("GET", "/api/v1/keys/" + id));
  }
  answers.push_back(send("POST", "/api/v1/promotions", R"({"year":"25"})"));
  answers.push_back(world_.ask("GET", "/api/v1/promotions/prm_1"));
  for (int i = 0; i <= 64; ++i) answers.push_back(send("POST", "/api/v1/promotions", "{}"));
  for (int i = 0; i < 64; ++i) answers.erase(answers.end() - 2);
  std::filesystem::remove_all(world_.folder / "queue");
  std::ofstream(world_.folder / "queue") << "no folder";
  answers.push_back(world_.ask("GET", "/api/v1/promotions"));
  world_.store.fail_with(std::nullopt);
  world_.audit.fail_with(Error{ErrorCode::unavailable, "told to"});
  answers.push_back(world_.create(R"({"component":"core","label":"x"})"));
  AdminWorld with_token(tokens());
  answers.push_back(with_token.ask("GET", "/api/v1/keys"));
  answers.push_back(with_token.ask("DELETE", "/api/v1/keys/key_absent", {}, {bearer(AdminRole::read)}));
  expect_the_whole_catalogue(answers);
}

TEST_F(Routes, ARoleMayWhatItsRouteNeedsAndNoMore) {
  AdminWorld world(tokens());
  const http::Header json{"Content-Type", "application/json"};
  for (const AdminRoute& route : admin_routes())
    for (const AdminRole role : roles) {
      std::string path(route.path);
      if (const auto mark = path.find("{id}"); mark != std::string::npos) path.replace(mark, 4, "key_absent");
      const bool has_body = route.method == "POST" || route.method == "PATCH";
      std::vector<http::Header> headers{bearer(role)};
      if (has_body) headers.push_back(json);
      const http::Response answer = world.ask(route.method, path, has_body ? "{}" : "", headers);
      EXPECT_EQ(error_code_of(answer) == "role_denied", role < route.needs) << route.method << path << to_string(role) << answer.body;
    }
  const auto needs = [](std::string_view method, std::string_view path) {
    return std::ranges::find_if(admin_routes(), [&](const AdminRoute& route) { return route.method == method && route.path == path; })
        ->needs;
  };
  EXPECT_EQ(needs("DELETE", "/api/v1/keys/{id}"), AdminRole::keys);
  EXPECT_EQ(needs("POST", "/api/v1/promotions"), AdminRole::all);
  for (const AdminRoute& route : admin_routes())
    EXPECT_EQ(route.needs == AdminRole::read, route.method == "GET" || route.path == "/api/v1/check") << route.path;
}

}  // namespace
}  // namespace packyard
