#include "core/listen_address.h"

#include <gtest/gtest.h>

#include "core/settings_file.h"

namespace packyard {
namespace {

Result<Settings> listening_on(const std::string& address) {
  return parse_settings("components: [{name: core, years: [2025]}]\nstorage: {staging: s, state: t, published: p, public_keys: k}\n"
                        "gate: {listen: '" + address + "'}\n",
                        "/base", "test", {});
}

TEST(ListenAddressText, IsAHostAndAPort) {
  for (const auto& [text, host, port] : {std::tuple{"127.0.0.1:8080", "127.0.0.1", 8080}, std::tuple{"[::1]:0", "::1", 0},
                                         std::tuple{"localhost:65535", "localhost", 65535}}) {
    const auto settings = listening_on(text);
    ASSERT_TRUE(settings) << text;
    EXPECT_EQ(settings->gate.listen.host, host);
    EXPECT_EQ(settings->gate.listen.port, port);
  }
}

TEST(ListenAddressText, AnythingElseIsAProblem) {
  for (const char* text : {"8080", ":8080", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80 "}) {
    const auto settings = listening_on(text);
    ASSERT_FALSE(settings) << text;
    EXPECT_NE(settings.error().message.find("gate.listen: expected address:port"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace packyard
