#include "verify/image_config_reader.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(ImageConfigReader, ReadsPlatformAndLayers) {
  const std::string first = "sha256:" + sha256("1").hex(), second = "sha256:" + sha256("2").hex();
  const auto config =
      read_image_config(R"({"architecture":"arm64","os":"linux","variant":"v8","config":{"Labels":{"A":"1","a":"2"}},)"
                        R"("history":[{"empty_layer":true}],"rootfs":{"type":"layers","diff_ids":[")" +
                        first + "\",\"" + second + "\"]}}");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->platform.text(), "linux/arm64/v8");
  EXPECT_EQ(config->diff_ids, (std::vector{sha256("1"), sha256("2")}));
  EXPECT_TRUE(read_image_config("{}")->diff_ids.empty());
  EXPECT_TRUE(read_image_config(R"({"rootfs":null,"os":null})"));
}

TEST(ImageConfigReader, RefusesOddOnes) {
  for (const char* text :
       {"", "[]", R"({"os":1})", R"({"OS":"linux"})", R"({"rootfs":[]})", R"({"rootfs":{"diff_ids":{}}})",
        R"({"rootfs":{"diff_ids":[1]}})", R"({"rootfs":{"diff_ids":["sha256:12"]}})", R"({"rootfs":{"Diff_ids":[]}})"})
    EXPECT_FALSE(read_image_config(text)) << text;
}

TEST(ImageConfigReader, KnowsMediaTypes) {
  EXPECT_EQ(layer_packing("application/vnd.oci.image.layer.v1.tar"), Packing::none);
  EXPECT_EQ(layer_packing("application/vnd.oci.image.layer.v1.tar+zstd"), Packing::zstd);
  EXPECT_EQ(layer_packing("application/vnd.docker.image.rootfs.diff.tar.gzip"), Packing::gzip);
  EXPECT_EQ(layer_packing("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"), Packing::gzip);
  for (const char* other : {"application/vnd.oci.image.layer.v1.tar+xz", "application/vnd.in-toto+json", ""})
    EXPECT_FALSE(layer_packing(other)) << other;
  EXPECT_TRUE(is_image_config("application/vnd.docker.container.image.v1+json"));
  EXPECT_FALSE(is_image_config("application/vnd.oci.empty.v1+json"));
}

}  // namespace
}  // namespace packyard
