#include "admin/key_check.h"

#include <gtest/gtest.h>

#include "auth/subscriber_key.h"
#include "tests/auth/gate_fixture.h"

namespace packyard {
namespace {

class KeyCheckTest : public GateFixture {
 protected:
  Decision check(std::string_view key, std::string_view uri, std::optional<IpAddress> address = {}) {
    CheckRequest request;
    request.key = Secret(std::string(key));
    request.uri = uri;
    request.address = address;
    return check_.ask(request, random_).value().value();
  }
  // What the gate itself says.
  Decision gate(std::string_view key, std::string_view uri, std::optional<IpAddress> address) {
    const std::string header = basic(key);
    const std::string_view authorization = header;
    const KnownClient client(address);
    return gatekeeper_.decide({uri, "GET", {&authorization, 1}, &client});
  }
  KeyCheck check_{store_, peppers_, clock_};
  static constexpr std::string_view file = "/rpm/core/2025/el9-x86_64/x";
};

TEST_F(KeyCheckTest, SaysWhatTheGateSays) {
  KeyRecord timed{.id = {},
                  .digest = {},
                  .pepper_id = {},
                  .scope = KeyScope::of(ComponentName::parse("core").value()),
                  .label = "x",
                  .created_at = clock_.now(),
                  .not_before = Timestamp{clock_.now().seconds + 10},
                  .expires_at = Timestamp{clock_.now().seconds + 20},
                  .grace = std::chrono::seconds(5)};
  KeyRecord placed = timed;
  placed.not_before = placed.expires_at = std::nullopt;
  placed.scope.addresses = {AddressRange::parse("203.0.113.0/24").value()};
  const std::vector<std::string> keys = {make_key("core"), make_key(timed), make_key(placed), make_key("core"),
                                         std::string(make_subscriber_key(random_).reveal()), "nonsense"};
  revoke(4);
  for (int second = 0; second < 30; second += 5) {
    clock_.set(Timestamp{1'800'000'000 + second});
    for (const std::string& key : keys)
      for (const std::string_view uri : {file, std::string_view("/deb/plus/2025/dists/bookworm/InRelease"), std::string_view("/v2/"),
                                         std::string_view("/rpm/../x"), std::string_view("/gpg/lts.asc")})
        for (const auto& address : {std::optional<IpAddress>(), IpAddress::parse("203.0.113.7"), IpAddress::parse("10.0.0.1")}) {
          const Decision checked = check(key, uri, address), decided = gate(key, uri, address);
          EXPECT_EQ(checked.reason, decided.reason) << uri << " at " << second;
          EXPECT_EQ(checked.outcome, decided.outcome);
          EXPECT_EQ(checked.rejection, decided.rejection);
          EXPECT_EQ(checked.refused_from, decided.refused_from);
        }
  }
}

TEST_F(KeyCheckTest, ALimitIsThatOfWhatTheGatesHaveWritten) {
  const std::string key = make_key(KeyRecord{.id = {},
                                             .digest = {},
                                             .pepper_id = {},
                                             .scope = KeyScope::of(ComponentName::parse("core").value()),
                                             .label = "x",
                                             .created_at = clock_.now(),
                                             .limits = {.requests_per_day = 3, .addresses_per_day = 1}});
  const auto one = IpAddress::parse("203.0.113.7"), other = IpAddress::parse("203.0.113.8");
  EXPECT_EQ(check(key, file, one).reason, Reason::ok);
  EXPECT_EQ(gate(key, file, one).reason, Reason::ok);
  ASSERT_TRUE(usage_.flush(store_, clock_.now()));
  EXPECT_EQ(check(key, file, one).reason, Reason::ok);
  EXPECT_EQ(check(key, file, other).limit->kind, LimitKind::addresses_per_day);
  EXPECT_EQ(gate(key, file, other).limit, check(key, file, other).limit);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(gate(key, file, one).reason, Reason::ok);
  ASSERT_TRUE(usage_.flush(store_, clock_.now()));
  const Decision checked = check(key, file, one);
  EXPECT_EQ(checked.reason, Reason::limit_reached);
  EXPECT_EQ(checked.key_id, "key_1");
  EXPECT_EQ(checked.limit, gate(key, file, one).limit);
  EXPECT_NE(check_answer_json({checked, 429}).find("limit of 3 requests a day"), std::string::npos);
  EXPECT_EQ(check(key, "/rpm/plus/2025/el9-x86_64/x", one).reason, Reason::wrong_component);
}

TEST_F(KeyCheckTest, AKeyMayBeNamedByItsId) {
  make_key("core");
  CheckRequest request;
  request.key_id = "key_1";
  request.uri = file;
  EXPECT_EQ(check_.ask(request, random_).value()->reason, Reason::ok);
  EXPECT_EQ(check_.ask(request, random_).value()->key_id, "key_1");
  revoke(1);
  EXPECT_EQ(check_.ask(request, random_).value()->reason, Reason::revoked);
  request.key_id = "key_9";
  EXPECT_EQ(check_.ask(request, random_).value().has_value(), false);
  EXPECT_EQ(store_.find(KeyId{"key_1"}).value()->use_count, 0u);
}

TEST_F(KeyCheckTest, AStoreThatFailsIsAFailure) {
  const std::string key = make_key("core");
  store_.fail_with(Error{ErrorCode::unavailable, "locked"});
  CheckRequest request;
  request.key = Secret(std::string(key));
  request.uri = file;
  EXPECT_EQ(check_.ask(request, random_).error().code, ErrorCode::unavailable);
}

TEST(CheckRequest, IsReadAsItIsWritten) {
  CheckRequest request;
  request.key = Secret("pky_x");
  request.uri = "/rpm/\"x\"";
  request.address = IpAddress::parse("::1");
  const auto again = parse_check_request(check_request_json(request));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->key.reveal(), "pky_x");
  EXPECT_EQ(again->uri, request.uri);
  EXPECT_EQ(again->address, request.address);
  EXPECT_EQ(again->method, "GET");
}

TEST(CheckRequest, RefusesWhatIsNoQuestion) {
  const auto error = [](std::string_view body) { return parse_check_request(body).error(); };
  EXPECT_EQ(error(R"({"key":"pky_secret"})").error, ApiError::field_missing);
  EXPECT_EQ(error(R"({"uri":"/x"})").error, ApiError::check_invalid);
  EXPECT_EQ(error(R"({"uri":"/x","key":"a","key_id":"b"})").error, ApiError::check_invalid);
  EXPECT_EQ(error(R"({"uri":"/x","key":"a","address":"10.0.0.0/8"})").error, ApiError::check_invalid);
  EXPECT_EQ(error(R"({"uri":"/x","key":"a","method":""})").error, ApiError::check_invalid);
  EXPECT_EQ(error(R"({"uri":"/x","key":["pky_secret"]})").error, ApiError::field_type);
  EXPECT_EQ(error(R"({"uri":"/x","keys":"pky_secret"})").error, ApiError::field_unknown);
  for (const char* body : {R"({"uri":"/x","key":["pky_secret"]})", R"({"uri":"/x","keys":"pky_secret"})"})
    EXPECT_EQ(error(body).detail.find("pky_secret"), std::string::npos);
}

TEST(CheckAnswer, IsReadBack) {
  Decision decision = decision_of(Reason::bad_path);
  decision.rejection = PathRejection::dot_segment;
  const auto view = parse_check_view(check_answer_json({decision, 403}));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->outcome, "deny");
  EXPECT_EQ(view->reason, "bad_path");
  EXPECT_EQ(view->path_rule, "dot_segment");
  EXPECT_EQ(view->key_id, "");
  EXPECT_EQ(view->status, 403u);
  EXPECT_FALSE(parse_check_view("{}"));
  EXPECT_FALSE(parse_check_view("<html>"));
}

}  // namespace
}  // namespace packyard
