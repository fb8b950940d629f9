#include "admin/promotion_routes.h"

#include <gtest/gtest.h>

#include "storage/promotion_json.h"
#include "tests/support/admin_world.h"

namespace packyard {
namespace {

class PromotionRoutes : public testing::Test {
 protected:
  http::Response post(std::string_view body, std::vector<http::Header> headers = {}) {
    headers.push_back({"Content-Type", "application/json"});
    return world_.ask("POST", "/api/v1/promotions", body, std::move(headers));
  }
  AdminWorld world_;
};

TEST_F(PromotionRoutes, ARequestIsQueuedAndShown) {
  const http::Response added = post(R"({"component":"core","year":"2025","format":"deb","target":"bookworm","dry_run":true})");
  ASSERT_EQ(added.status, 202u) << added.body;
  EXPECT_EQ(header_of(added, "Location"), "/api/v1/promotions/prm_1");
  EXPECT_NE(added.body.find("\"worker_running\":false"), std::string::npos);
  const auto record = parse_promotion(added.body);
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->report.state, PromotionState::queued);
  EXPECT_EQ(record->order.target->text(), "bookworm");
  EXPECT_EQ(world_.ask("GET", "/api/v1/promotions/prm_1").body, added.body);
  const auto worker = world_.queue.become_worker();
  EXPECT_NE(world_.ask("GET", "/api/v1/promotions/prm_1").body.find("\"worker_running\":true"), std::string::npos);
}

TEST_F(PromotionRoutes, WhatTheWorkerSaysIsShown) {
  post("{}");
  PromotionReport report{.id = PromotionId{1}, .state = PromotionState::refused, .attempts = 1};
  report.add(PromotionStep{"reading staging", "bytes", 10, 10, Timestamp{AdminWorld::start_seconds}});
  report.add(PromotionFinding{"core/2025/deb/bookworm/a.deb", "no checksum"});
  ASSERT_TRUE(world_.queue.write(report));
  const http::Response shown = world_.ask("GET", "/api/v1/promotions/prm_1");
  EXPECT_EQ(parse_promotion(shown.body)->report, report);
  EXPECT_NE(shown.body.find("\"findings\":[{\"subject\":\"core/2025/deb/bookworm/a.deb\""), std::string::npos) << shown.body;
}

TEST_F(PromotionRoutes, ListsComeInPages) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(post("{}").status, 202u);
  const http::Response first = world_.ask("GET", "/api/v1/promotions?limit=2");
  EXPECT_EQ(header_of(first, "Link"), "</api/v1/promotions?limit=2&cursor=prm_2>; rel=\"next\"");
  const http::Response second = world_.ask("GET", "/api/v1/promotions?limit=2&cursor=prm_2");
  EXPECT_EQ(header_of(second, "Link"), "");
  EXPECT_NE(second.body.find("prm_1"), std::string::npos);
  EXPECT_EQ(second.body.find("prm_2"), std::string::npos);
  EXPECT_EQ(world_.ask("GET", "/api/v1/promotions?limit=2&cursor=prm_1").body, "[]\n");
}

TEST_F(PromotionRoutes, NoIdLeadsElsewhere) {
  post("{}");
  for (const char* id : {"1", "prm_01", "prm_2", "..", ".", "prm_1.json", "%2e%2e", "prm_1%00", "prm_1%2f..",
                         "..%2forders%2fprm_1", "prm_9999999999999999999"})
    EXPECT_EQ(error_code_of(world_.ask("GET", std::string("/api/v1/promotions/") + id)), "promotion_not_found") << id;
  for (const char* id : {"../keys", "prm_1/", "", "prm_1/../prm_1"})
    EXPECT_EQ(error_code_of(world_.ask("GET", std::string("/api/v1/promotions/") + id)), "route_not_found") << id;
}

TEST_F(PromotionRoutes, WebPagesCannotPromote) {
  const http::Header own{"Host", "localhost:8088"}, evil{"Host", "evil.example:8088"};
  EXPECT_EQ(error_code_of(post("{}", {evil})), "host_not_allowed");
  EXPECT_EQ(error_code_of(post("{}", {own, {"Origin", "http://evil.example"}})), "origin_not_allowed");
  EXPECT_EQ(error_code_of(post("{}", {own, {"Sec-Fetch-Site", "cross-site"}})), "cross_site");
  EXPECT_EQ(error_code_of(world_.ask("POST", "/api/v1/promotions", "{}", {own, {"Content-Type", "text/plain"}})),
            "media_type_unsupported");
  EXPECT_EQ(error_code_of(world_.ask("POST", "/api/v1/promotions", "{}", {own, {"Content-Type", "application/x-ndjson"}})),
            "media_type_unsupported");
  EXPECT_EQ(error_code_of(world_.ask("GET", "/api/v1/promotions", {}, {evil})), "host_not_allowed");
  EXPECT_EQ(error_code_of(world_.ask("GET", "/api/v1/promotions/prm_1?x=1")), "query_unknown");
  EXPECT_EQ(header_of(world_.ask("DELETE", "/api/v1/promotions/prm_1"), "Allow"), "GET, HEAD");
  EXPECT_TRUE(world_.queue.ids()->empty());
}

TEST_F(PromotionRoutes, WithoutTheTokenNobody) {
  std::vector<AdminToken> tokens;
  tokens.push_back({"ops", AdminRole::all, Secret("a token of the site")});
  AdminWorld world(std::move(tokens));
  for (const char* path : {"/api/v1/promotions", "/api/v1/promotions/prm_1"})
    EXPECT_EQ(error_code_of(world.ask("GET", path)), "token_needed");
  EXPECT_EQ(error_code_of(world.ask("POST", "/api/v1/promotions", "{}", {{"Content-Type", "application/json"}})), "token_needed");
}

TEST_F(PromotionRoutes, ARequestIsALineOfTheAuditLogBeforeItIsQueued) {
  const http::Header json{"Content-Type", "application/json"};
  EXPECT_EQ(world_.ask("POST", "/api/v1/promotions", R"({"component":"core"})", {json}).status, 202u);
  const auto lines = world_.audit.lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].entry.action, "promotion_requested");
  EXPECT_EQ(lines[0].entry.after, R"({"component":"core","dry_run":false})");
  world_.audit.fail_with(Error{ErrorCode::unavailable, "told to"});
  EXPECT_EQ(error_code_of(world_.ask("POST", "/api/v1/promotions", "{}", {json})), "audit_unavailable");
  EXPECT_EQ(world_.queue.ids()->size(), 1u);
}

}  // namespace
}  // namespace packyard
