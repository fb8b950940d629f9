#include "auth/denial_status.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

class DenialStatus : public testing::Test {
 protected:
  unsigned status(Reason reason, ProxyFamily family = ProxyFamily::forwarded, std::string_view target = "/rpm/core/2025/el9-x86_64/x") {
    return answer_status(decision_of(reason, parse_repository_path(target).value()), family, settings_);
  }
  GateSettings settings_;
};

TEST_F(DenialStatus, IsTheContractsUnlessTheSiteSaysOtherwise) {
  EXPECT_EQ(status(Reason::ok), 200u);
  EXPECT_EQ(status(Reason::in_grace), 200u);
  EXPECT_EQ(status(Reason::not_current), 503u);
  for (const Reason reason : {Reason::bad_path, Reason::bad_headers, Reason::bad_method}) EXPECT_EQ(status(reason), 403u);
  for (const Reason reason : all_reasons) {
    const bool nobody_may = reason == Reason::bad_path || reason == Reason::bad_headers || reason == Reason::bad_method;
    if (nobody_may || outcome_of(reason) != Outcome::deny || reason == Reason::limit_reached) continue;
    EXPECT_EQ(status(reason), 401u) << to_string(reason);
  }
}

TEST_F(DenialStatus, ASiteMayTellScopeAndExpiryApart) {
  settings_.scope_denial_status = 403;
  settings_.expiry_denial_status = 402;
  for (const Reason reason : {Reason::wrong_component, Reason::wrong_year, Reason::wrong_format, Reason::wrong_address})
    EXPECT_EQ(status(reason), 403u);
  EXPECT_EQ(status(Reason::expired), 402u);
  for (const Reason reason : {Reason::no_key, Reason::bad_key, Reason::revoked, Reason::suspended, Reason::replaced, Reason::not_yet_valid})
    EXPECT_EQ(status(reason), 401u) << to_string(reason);
}

TEST_F(DenialStatus, ALimitPassesWithTime) {
  EXPECT_EQ(status(Reason::limit_reached), 429u);
  EXPECT_EQ(status(Reason::limit_reached, ProxyFamily::envoy), 429u);
  EXPECT_EQ(status(Reason::limit_reached, ProxyFamily::nginx), 403u);
}

TEST_F(DenialStatus, NginxHearsWhatItCanPassOn) {
  settings_.expiry_denial_status = 402;
  EXPECT_EQ(status(Reason::expired, ProxyFamily::nginx), 403u);
  constexpr std::string_view push = "/v2/core/2025/server/blobs/uploads/";
  EXPECT_EQ(status(Reason::bad_method, ProxyFamily::forwarded, push), 405u);
  EXPECT_EQ(status(Reason::bad_method, ProxyFamily::nginx, push), 403u);
}

}  // namespace
}  // namespace packyard
