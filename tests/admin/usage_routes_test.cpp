#include "admin/usage_routes.h"

#include <gtest/gtest.h>

#include "admin/usage_json.h"
#include "tests/support/admin_world.h"

namespace packyard {
namespace {

class UsageRoutes : public testing::Test {
 protected:
  void SetUp() override {
    id_ = parse_key_view(world_.create(R"({"component":"core","label":"ACME"})").body)->id;
    for (std::int64_t i = 0; i < 3; ++i)
      ASSERT_TRUE(world_.store.add_usage({{KeyId{id_}, 1, Timestamp{AdminWorld::start_seconds + i * day_seconds}}}));
  }
  http::Response ask(const std::string& query) { return world_.ask("GET", "/api/v1/keys/" + id_ + "/usage" + query); }

  AdminWorld world_;
  std::string id_;
};

TEST_F(UsageRoutes, APageNamesTheNext) {
  EXPECT_EQ(parse_usage(ask("").body)->size(), 3u);
  EXPECT_EQ(header_of(ask(""), "Link"), "");
  const http::Response first = ask("?from=2026-01-01&limit=2");
  EXPECT_EQ(parse_usage(first.body)->size(), 2u);
  EXPECT_EQ(header_of(first, "Link"),
            "</api/v1/keys/" + id_ + "/usage?from=2026-01-01&limit=2&cursor=2026-01-02>; rel=\"next\"");
  const http::Response second = ask("?from=2026-01-01&limit=2&cursor=2026-01-02");
  EXPECT_EQ(parse_usage(second.body)->at(0).day.text(), "2026-01-03");
  EXPECT_EQ(header_of(second, "Link"), "");
}

TEST_F(UsageRoutes, RefusalsAreThoseOfTheCatalogue) {
  EXPECT_EQ(error_code_of(ask("?from=x")), "query_invalid");
  EXPECT_EQ(error_code_of(ask("?since=x")), "query_unknown");
  EXPECT_EQ(error_code_of(world_.ask("GET", "/api/v1/keys/key_0123456789abcdef/usage")), "key_not_found");
  EXPECT_EQ(error_code_of(world_.ask("GET", "/api/v1/keys/x/usage")), "key_not_found");
  world_.store.fail_with(Error{ErrorCode::unavailable, "locked"});
  EXPECT_EQ(ask("").status, 503u);
}

}  // namespace
}  // namespace packyard
