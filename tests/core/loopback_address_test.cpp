#include "core/loopback_address.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(LoopbackAddress, OnlyThisMachine) {
  for (const char* host : {"127.0.0.1", "127.0.0.53", "127.255.255.255", "::1", "localhost"})
    EXPECT_TRUE(is_loopback_address(host)) << host;
  for (const char* host : {"", "0.0.0.0", "10.0.0.1", "128.0.0.1", "::", "fd00::1", "127.evil.example", "127.0.0.1.evil.example",
                           "127.1", "example.org", "localhost.evil.example"})
    EXPECT_FALSE(is_loopback_address(host)) << host;
}

}  // namespace
}  // namespace packyard
