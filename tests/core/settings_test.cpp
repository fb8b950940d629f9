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

TEST(Compression, IsWrittenAsInTheFile) { EXPECT_EQ(to_string(Compression::zstd), "zstd"); }

}  // namespace
}  // namespace packyard
