#include "promote/oci_media_type.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(OciMediaType, KindsOfBothWorlds) {
  EXPECT_TRUE(is_index_type(oci_index_type));
  EXPECT_TRUE(is_index_type("application/vnd.docker.distribution.manifest.list.v2+json"));
  EXPECT_TRUE(is_manifest_type("application/vnd.docker.distribution.manifest.v2+json"));
  EXPECT_FALSE(is_manifest_type("application/vnd.docker.distribution.manifest.v1+prettyjws"));
  EXPECT_FALSE(is_manifest_type(oci_index_type));
  EXPECT_TRUE(is_config_type(oci_config_type));
  EXPECT_FALSE(is_config_type(oci_empty_type));
}

TEST(OciMediaType, LayersAndTheirCompression) {
  EXPECT_EQ(layer_compression("application/vnd.oci.image.layer.v1.tar").value(), std::nullopt);
  EXPECT_EQ(layer_compression("application/vnd.oci.image.layer.v1.tar+zstd").value(), Compression::zstd);
  EXPECT_EQ(layer_compression("application/vnd.docker.image.rootfs.diff.tar.gzip").value(), Compression::gzip);
  for (const auto& compression :
       {std::optional<Compression>(), std::optional(Compression::gzip), std::optional(Compression::zstd)})
    EXPECT_EQ(layer_compression(oci_layer_type(compression)).value(), compression);
}

TEST(OciMediaType, OtherLayersAreRefusedWithTheReason) {
  const auto said = [](std::string_view media_type, std::string_view words) {
    const auto outcome = layer_compression(media_type);
    return !outcome && outcome.error().message.contains(words);
  };
  EXPECT_TRUE(said("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", "lies elsewhere"));
  EXPECT_TRUE(said("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "lies elsewhere"));
  EXPECT_TRUE(said("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "is encrypted"));
  EXPECT_TRUE(said("application/vnd.oci.image.layer.v1.tar+bzip2", "nothing that clients unpack"));
  EXPECT_TRUE(said("", "nothing that clients unpack"));
  EXPECT_TRUE(said("\x1b[2J", "'\\x1b[2J'"));
}

}  // namespace
}  // namespace packyard
