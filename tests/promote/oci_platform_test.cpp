#include "promote/oci_platform.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

OciPlatform linux(const std::string& architecture, const std::string& variant = "") {
  return {"linux", architecture, variant, ""};
}

TEST(OciPlatform, ReadsAsToolsWriteIt) {
  EXPECT_EQ(linux("arm", "v7").text(), "linux/arm/v7");
  EXPECT_EQ((OciPlatform{"windows", "amd64", "", "10.0.17763.1"}.text()), "windows/amd64 (version 10.0.17763.1)");
  EXPECT_TRUE((OciPlatform{"unknown", "unknown", "", ""}.is_unknown()));
  EXPECT_FALSE(linux("unknown").is_unknown());
}

TEST(OciPlatform, IsComparedAsClientsDo) {
  EXPECT_EQ(linux("arm64", "v8").normalised(), linux("arm64").normalised());
  EXPECT_EQ(linux("aarch64").normalised(), linux("arm64").normalised());
  EXPECT_EQ(linux("x86_64").normalised(), linux("amd64", "v1").normalised());
  EXPECT_NE(linux("amd64", "v3").normalised(), linux("amd64").normalised());
  EXPECT_EQ(linux("arm").normalised(), linux("arm", "v7").normalised());
  EXPECT_NE(linux("arm", "v6").normalised(), linux("arm", "v7").normalised());
}

TEST(OciPlatform, ContradictsOnlyWhereBothSay) {
  EXPECT_FALSE(contradicts(linux("arm64", "v8"), linux("arm64")));
  EXPECT_FALSE(contradicts(linux("arm", "v6"), linux("arm")));
  EXPECT_FALSE(contradicts(linux("arm"), linux("arm", "v6")));
  EXPECT_FALSE(contradicts(linux("arm64", "8"), linux("arm64", "v8")));
  EXPECT_TRUE(contradicts(linux("arm", "v6"), linux("arm", "v7")));
  EXPECT_TRUE(contradicts(linux("amd64"), linux("arm64")));
  EXPECT_TRUE(contradicts(linux("amd64"), {"windows", "amd64", "", ""}));
  EXPECT_TRUE(contradicts({"windows", "amd64", "", "1"}, {"windows", "amd64", "", "2"}));
}

TEST(OciPlatform, PartsAreWords) {
  EXPECT_TRUE(check_platform(linux("arm", "v7")).has_value());
  EXPECT_EQ(check_platform({"", "amd64", "", ""}).error().message, "the platform is missing (os and architecture)");
  EXPECT_EQ(check_platform(linux("")).error().message, "the platform is missing (os and architecture)");
  EXPECT_EQ(check_platform(linux("amd64,arm64")).error().message, "'amd64,arm64' is no part of a platform");
  EXPECT_FALSE(check_platform(linux("a\nb")).has_value());
  EXPECT_FALSE(check_platform(linux(std::string(65, 'a'))).has_value());
}

}  // namespace
}  // namespace packyard
