#include "promote/oci_media_type.h"

#include <algorithm>
#include <array>

#include "core/log.h"

namespace packyard {
namespace {

constexpr std::string_view oci_layer = "application/vnd.oci.image.layer.v1.tar";
constexpr std::string_view oci_layer_gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
constexpr std::string_view oci_layer_zstd = "application/vnd.oci.image.layer.v1.tar+zstd";

struct KnownLayer {
  std::string_view media_type;
  std::optional<Compression> compression;
};
const std::array<KnownLayer, 6> known_layers = {{
    {oci_layer, std::nullopt},
    {oci_layer_gzip, Compression::gzip},
    {oci_layer_zstd, Compression::zstd},
    {"application/vnd.docker.image.rootfs.diff.tar", std::nullopt},
    {"application/vnd.docker.image.rootfs.diff.tar.gzip", Compression::gzip},
    {"application/vnd.docker.image.rootfs.diff.tar.zstd", Compression::zstd},
}};

}  // namespace

bool is_index_type(std::string_view media_type) {
  return media_type == oci_index_type || media_type == "application/vnd.docker.distribution.manifest.list.v2+json";
}

bool is_manifest_type(std::string_view media_type) {
  return media_type == oci_manifest_type || media_type == "application/vnd.docker.distribution.manifest.v2+json";
}

bool is_config_type(std::string_view media_type) {
  return media_type == oci_config_type || media_type == "application/vnd.docker.container.image.v1+json";
}

Result<std::optional<Compression>> layer_compression(std::string_view media_type) {
  const auto known = std::ranges::find(known_layers, media_type, &KnownLayer::media_type);
  if (known != known_layers.end()) return known->compression;
  const std::string type = "'" + escape_for_log(media_type) + "'";
  if (media_type.contains("nondistributable") || media_type.contains(".foreign."))
    return fail(ErrorCode::invalid, "a layer of type " + type +
                                        " lies elsewhere, so that we could not serve it; build the image "
                                        "with all its layers");
  if (media_type.contains("+encrypted"))
    return fail(ErrorCode::invalid, "a layer of type " + type + " is encrypted, so that nobody could check it; publish it plain");
  return fail(ErrorCode::invalid, "a layer of type " + type + " is nothing that clients unpack (tar, tar+gzip or tar+zstd)");
}

std::string_view oci_layer_type(std::optional<Compression> compression) {
  if (!compression) return oci_layer;
  return *compression == Compression::zstd ? oci_layer_zstd : oci_layer_gzip;
}

}  // namespace packyard
