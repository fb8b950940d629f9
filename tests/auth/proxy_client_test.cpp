#include "auth/proxy_client.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

class ProxyClientTest : public testing::Test {
 protected:
  std::string find(ProxyFamily family, std::string_view peer, std::vector<http::Header> headers) {
    http::Request request;
    request.peer_address = peer;
    request.headers = std::move(headers);
    const auto address = ProxyClient(family, request, trusted_).find();
    return address ? address->text() : "unknown";
  }
  std::string forwarded(std::vector<http::Header> headers, std::string_view peer = "127.0.0.1") {
    return find(ProxyFamily::forwarded, peer, std::move(headers));
  }
  std::string nginx(std::vector<http::Header> headers, std::string_view peer = "127.0.0.1") {
    return find(ProxyFamily::nginx, peer, std::move(headers));
  }
  std::vector<AddressRange> trusted_ = {AddressRange::parse("127.0.0.0/8").value(), AddressRange::parse("10.0.0.0/8").value()};
};

TEST_F(ProxyClientTest, TheLastHopThatIsNotTrustedIsTheClient) {
  EXPECT_EQ(forwarded({{"X-Forwarded-For", "203.0.113.7"}}), "203.0.113.7");
  EXPECT_EQ(forwarded({{"x-forwarded-for", "198.51.100.1, 203.0.113.7"}}), "203.0.113.7");
  EXPECT_EQ(forwarded({{"X-Forwarded-For", "198.51.100.1, 203.0.113.7 ,10.0.0.5,\t10.0.0.6 "}}), "203.0.113.7");
  EXPECT_EQ(forwarded({{"X-Forwarded-For", "198.51.100.1"}, {"X-Forwarded-For", "203.0.113.7, 10.0.0.5"}}), "203.0.113.7");
  EXPECT_EQ(forwarded({{"X-Forwarded-For", "203.0.113.7"}, {"X-Forwarded-For", "10.0.0.5"}}), "203.0.113.7");
  EXPECT_EQ(forwarded({{"X-Forwarded-For", "10.0.0.4, 10.0.0.5"}}), "10.0.0.4");
  EXPECT_EQ(forwarded({{"X-Forwarded-For", "2001:db8::7"}}), "2001:db8::7");
}

TEST_F(ProxyClientTest, WhatIsReadHasAFingerprint) {
  const auto fingerprint = [&](ProxyFamily family, std::string_view peer, std::vector<http::Header> headers) {
    http::Request request;
    request.peer_address = peer;
    request.headers = std::move(headers);
    return ProxyClient(family, request, trusted_).fingerprint();
  };
  const std::vector<http::Header> one = {{"Host", "a"}, {"X-Forwarded-For", "203.0.113.7"}};
  const std::uint64_t first = fingerprint(ProxyFamily::forwarded, "127.0.0.1", one);
  EXPECT_EQ(fingerprint(ProxyFamily::forwarded, "127.0.0.1", {{"x-forwarded-for", "203.0.113.7"}, {"Host", "b"}}), first);
  EXPECT_NE(fingerprint(ProxyFamily::forwarded, "127.0.0.2", one), first);
  EXPECT_NE(fingerprint(ProxyFamily::forwarded, "127.0.0.1", {{"X-Forwarded-For", "203.0.113.8"}}), first);
  EXPECT_NE(fingerprint(ProxyFamily::forwarded, "127.0.0.1", {one[1], one[1]}), first);
  EXPECT_NE(fingerprint(ProxyFamily::nginx, "127.0.0.1", {{"X-Real-IP", "203.0.113.7"}}),
            fingerprint(ProxyFamily::nginx, "127.0.0.1", {{"X-Real-IP", "203.0.113.8"}}));
}

TEST_F(ProxyClientTest, APeerThatIsNotTrustedSpeaksForItselfAlone) {
  EXPECT_EQ(forwarded({{"X-Forwarded-For", "203.0.113.7"}}, "192.0.2.9"), "192.0.2.9");
  EXPECT_EQ(nginx({{"X-Real-IP", "203.0.113.7"}}, "192.0.2.9"), "192.0.2.9");
  EXPECT_EQ(forwarded({{"X-Forwarded-For", "203.0.113.7"}}, ""), "unknown");
  trusted_.clear();
  EXPECT_EQ(forwarded({{"X-Forwarded-For", "203.0.113.7"}}), "127.0.0.1");
}

TEST_F(ProxyClientTest, WhatIsNoAddressIsUnknown) {
  for (const char* value : {"", ",", "unknown", "203.0.113.7,", "203.0.113.7, _hidden", "203.0.113.7:80", "[2001:db8::7]",
                            "for=203.0.113.7"})
    EXPECT_EQ(forwarded({{"X-Forwarded-For", value}}), "unknown") << value;
  EXPECT_EQ(forwarded({}), "unknown");
  EXPECT_EQ(forwarded({{"X-Real-IP", "203.0.113.7"}, {"X_Forwarded_For", "203.0.113.7"}}), "unknown");
}

TEST_F(ProxyClientTest, NginxSaysOneAddress) {
  EXPECT_EQ(nginx({{"X-Real-IP", "203.0.113.7"}}), "203.0.113.7");
  EXPECT_EQ(nginx({{"X-Real-IP", "203.0.113.7"}, {"X-Real-IP", "203.0.113.8"}}), "unknown");
  EXPECT_EQ(nginx({{"X-Real-IP", "203.0.113.7, 203.0.113.8"}}), "unknown");
  EXPECT_EQ(nginx({{"X-Forwarded-For", "203.0.113.7"}}), "unknown");
}

}  // namespace
}  // namespace packyard
