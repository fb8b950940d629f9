#include "promote/oci_staged_name.h"

#include <gtest/gtest.h>

#include <vector>

namespace packyard {
namespace {

TEST(OciStagedName, TellsTagAndKind) {
  struct Case {
    std::string_view name, tag;
    OciStagedKind kind;
    std::string_view architecture;
  };
  for (const Case& expected : {Case{"1.4.2.tar", "1.4.2", OciStagedKind::image, ""},
                               {"latest.tar", "latest", OciStagedKind::image, ""},
                               {"1.4.2_arm64.tar", "1.4.2", OciStagedKind::platform, "arm64"},
                               {"1.4.2_x86_64.tar", "1.4.2", OciStagedKind::platform, "x86_64"},
                               {"1_0.tar", "1_0", OciStagedKind::image, ""},
                               {"1_0_s390x.tar", "1_0", OciStagedKind::platform, "s390x"},
                               {"1.0-arm64.tar", "1.0-arm64", OciStagedKind::image, ""},
                               {"1.4.2.cdx.json", "1.4.2", OciStagedKind::cyclonedx, ""},
                               {"V1.spdx.json", "V1", OciStagedKind::spdx, ""}}) {
    const auto name = parse_oci_staged_name(expected.name);
    ASSERT_TRUE(name) << expected.name;
    EXPECT_EQ(name->tag, expected.tag);
    EXPECT_EQ(name->kind, expected.kind) << expected.name;
    EXPECT_EQ(name->architecture, expected.architecture);
  }
}

TEST(OciStagedName, OtherNamesAreNone) {
  for (const std::string& name :
       std::vector<std::string>{".tar", "1.0", "1.0.tar.gz", "-1.tar", ".1.tar", "a+b.tar", "sha256-ab.sig.tar", "1.0.json",
                                "1.0.tar.sha256", std::string(129, 'a') + ".tar"})
    EXPECT_FALSE(parse_oci_staged_name(name)) << name;
  EXPECT_TRUE(parse_oci_staged_name(std::string(128, 'a') + ".tar"));
}

TEST(OciStagedName, ArchitecturesByEveryName) {
  EXPECT_EQ(image_architecture("aarch64"), "arm64");
  EXPECT_EQ(image_architecture("amd64"), "amd64");
  EXPECT_EQ(image_architecture("armv7"), "arm");
  EXPECT_EQ(image_architecture("vax"), "");
}

}  // namespace
}  // namespace packyard
