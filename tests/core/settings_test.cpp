#include "core/settings.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(Settings, FindsByNameOrNot) {
  Settings settings;
  settings.components.push_back({ComponentName::parse("core").value(), {}});
  ASSERT_NE(settings.find_component("core"), nullptr);
  EXPECT_EQ(settings.find_component("cor"), nullptr);
  EXPECT_EQ(settings.find_rpm_target("el9-x86_64"), nullptr);
  EXPECT_EQ(settings.find_deb_target("bookworm"), nullptr);
}

TEST(Settings, ThisMachineAloneIsTrustedUnlessSaid) {
  const auto trusted = GateSettings().trusted_proxies;
  ASSERT_EQ(trusted.size(), 2u);
  EXPECT_TRUE(trusted[0].contains(*IpAddress::parse("127.0.0.1")));
  EXPECT_TRUE(trusted[1].contains(*IpAddress::parse("::1")));
}

TEST(Compression, IsWrittenAsInTheFile) { EXPECT_EQ(to_string(Compression::zstd), "zstd"); }

}  // namespace
}  // namespace packyard
