#include "auth/basic_credentials.h"

#include <gtest/gtest.h>

#include <string>

namespace packyard {
namespace {

struct Accepted {
  std::string header, user, password;
};

TEST(BasicCredentials, ReadsWhatClientsSend) {
  for (const Accepted& good : {Accepted{"Basic dXNlcjprZXk=", "user", "key"}, Accepted{"basic dXNlcjprZXk=", "user", "key"},
                               Accepted{"BASIC   dXNlcjprZXk=", "user", "key"}, Accepted{"Basic OmtleQ==", "", "key"},
                               Accepted{"Basic dXNlcjo=", "user", ""}, Accepted{"Basic YTpiOmM=", "a", "b:c"},
                               Accepted{"Basic w6Q6a2V5", "\u00e4", "key"}}) {
    const auto credentials = BasicCredentials::parse(good.header);
    ASSERT_TRUE(credentials) << good.header;
    EXPECT_EQ(credentials->user(), good.user);
    EXPECT_EQ(credentials->password(), good.password);
  }
}

// facts/forwardauth.md section 4, last item.
TEST(BasicCredentials, RefusesWhatTwoParsersCouldReadDifferently) {
  const std::string long_value = "Basic " + std::string(1024, 'A');
  for (const std::string& bad : {std::string(), std::string("Basic"), std::string("Basic "), std::string("Bearer dXNlcjprZXk="),
                                 std::string("Basic\tdXNlcjprZXk="), std::string(" Basic dXNlcjprZXk="),
                                 std::string("Basic dXNlcjprZXk"),                       // padding missing
                                 std::string("Basic dXNlcjprZXk=="),                     // too much of it
                                 std::string("Basic dXNlcjprZXl="),                      // unused bits not zero
                                 std::string("Basic dXNl cjprZXk="),                     // white space inside
                                 std::string("Basic dXNlcjprZXk= "),                     // and behind
                                 std::string("Basic dXNlcjprZ_k="),                      // URL alphabet
                                 std::string("Basic dXNlcmtleQ=="),                      // no colon
                                 std::string("Basic YTpiAA=="),                          // NUL
                                 std::string("Basic YTpiCg=="),                          // line feed
                                 std::string("Basic dXNlcjprZXk=, Basic dXNlcjprZXk="),  // joined by a proxy
                                 std::string("Basic ===="), std::string("Basic =AAA"), long_value})
    EXPECT_FALSE(BasicCredentials::parse(bad)) << bad;
}

}  // namespace
}  // namespace packyard
