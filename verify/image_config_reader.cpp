#include "verify/image_config_reader.h"

#include <array>

#include "verify/json_value.h"

namespace packyard {
namespace {

constexpr std::size_t values_max = 200'000;
constexpr std::array<std::string_view, 5> config_names = {"os", "architecture", "variant", "os.version", "rootfs"};
constexpr std::array<std::string_view, 2> rootfs_names = {"type", "diff_ids"};

struct PackingEnding {
  std::string_view ending;
  Packing packing;
};

}  // namespace

Result<ImageConfigDocument> read_image_config(std::string_view json) {
  TRY_ASSIGN(const JsonValue value, read_json_value(json, values_max));
  TRY(check_names(value, config_names, "it"));
  ImageConfigDocument config;
  TRY_ASSIGN(config.platform.os, optional_text(value, "os"));
  TRY_ASSIGN(config.platform.architecture, optional_text(value, "architecture"));
  TRY_ASSIGN(config.platform.variant, optional_text(value, "variant"));
  TRY_ASSIGN(config.platform.os_version, optional_text(value, "os.version"));
  const JsonValue* rootfs = value.find("rootfs");
  if (rootfs == nullptr || rootfs->is_null()) return config;
  TRY(check_names(*rootfs, rootfs_names, "rootfs"));
  const JsonValue* diff_ids = rootfs->find("diff_ids");
  if (diff_ids == nullptr || diff_ids->is_null()) return config;
  if (diff_ids->list() == nullptr) return fail(ErrorCode::invalid, "is malformed: diff_ids is no list");
  for (const JsonValue& entry : *diff_ids->list()) {
    if (entry.text() == nullptr) return fail(ErrorCode::invalid, "is malformed: a diff_id is no text");
    TRY_ASSIGN(const Sha256 digest, read_digest_text(*entry.text()));
    config.diff_ids.push_back(digest);
  }
  return config;
}

bool is_image_config(std::string_view media_type) {
  return media_type == "application/vnd.oci.image.config.v1+json" ||
         media_type == "application/vnd.docker.container.image.v1+json";
}

std::optional<Packing> layer_packing(std::string_view media_type) {
  constexpr std::array<std::string_view, 4> roots = {
      "application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.nondistributable.v1.tar",
      "application/vnd.docker.image.rootfs.diff.tar", "application/vnd.docker.image.rootfs.foreign.diff.tar"};
  constexpr std::array<PackingEnding, 5> endings = {{{"", Packing::none},
                                                     {"+gzip", Packing::gzip},
                                                     {"+zstd", Packing::zstd},
                                                     {".gzip", Packing::gzip},
                                                     {".zstd", Packing::zstd}}};
  for (const std::string_view root : roots) {
    if (!media_type.starts_with(root)) continue;
    for (const PackingEnding& one : endings)
      if (media_type.substr(root.size()) == one.ending) return one.packing;
  }
  return std::nullopt;
}

}  // namespace packyard
