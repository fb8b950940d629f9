#include "auth/client_product.h"

#include <gtest/gtest.h>

#include "storage/key_usage.h"

namespace packyard {
namespace {

TEST(ClientProduct, NamesTheClientsThatFetchPackages) {
  EXPECT_EQ(client_product("Debian APT-HTTP/1.3 (2.6.1) non-interactive"), "APT-HTTP/1.3 (2.6.1)");
  EXPECT_EQ(client_product("libdnf (Rocky Linux 9.4; generic; Linux.x86_64)"), "libdnf");
  EXPECT_EQ(client_product("curl/8.1.2"), "curl/8.1.2");
  EXPECT_EQ(client_product("docker/24.0.5 go/go1.20.3 kernel/6.1 UpstreamClient(Docker-Client/24.0.5 \\(linux\\))"), "docker/24.0.5");
  EXPECT_EQ(client_product("containers/5.29.2 (github.com/containers/image)"), "containers/5.29.2");
  EXPECT_EQ(client_product("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101"), "Mozilla/5.0");
  EXPECT_EQ(client_product("ZYpp 17.31.2 (curl 8.0.1) openSUSE-Leap-15.5-x86_64"), "ZYpp");
}

TEST(ClientProduct, WhatCannotBeReadIsOther) {
  for (const char* text : {"", "   ", "(comment alone)", "((((", "\"quoted\"/1", "a\x1b[2J/1", "na\xc3\xafve/1", "<b>/1", "a\nb/1"})
    EXPECT_EQ(client_product(text), other_client) << text;
}

TEST(ClientProduct, IsShortWhateverComes) {
  EXPECT_EQ(client_product(std::string(1000, 'x') + "/1"), std::string(client_bytes_max, 'x'));
  EXPECT_EQ(client_product("a/1 (" + std::string(1000, '1') + ")"), "a/1");
  EXPECT_LE(client_product("a/" + std::string(60, '2') + " (" + std::string(60, '1') + ")").size(), client_bytes_max);
  EXPECT_EQ(client_product("a/1 (2 3)"), "a/1");
  EXPECT_EQ(client_product("a/1 ()"), "a/1");
  EXPECT_EQ(client_product("a/1 ("), "a/1");
}

// Whatever the bytes, what is kept can be shown on a terminal and lies on one line.
TEST(ClientProduct, IsPlainForEveryByte) {
  for (int byte = 0; byte < 256; ++byte)
    for (const std::string& text : {std::string(1, static_cast<char>(byte)), "a/" + std::string(1, static_cast<char>(byte)),
                                    "a/1 (1" + std::string(1, static_cast<char>(byte)) + ")"}) {
      const std::string product = client_product(text);
      EXPECT_FALSE(product.empty());
      for (const char c : product) EXPECT_TRUE(c >= ' ' && c <= '~') << byte;
    }
}

}  // namespace
}  // namespace packyard
