#include "promote/docker_archive.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "core/descriptor.h"
#include "core/durable_file.h"
#include "core/log.h"
#include "promote/oci_document.h"
#include "promote/oci_image_builder.h"
#include "promote/oci_media_type.h"

namespace packyard {
namespace {

std::string shown(std::string_view name) { return "'" + escape_for_log(name) + "'"; }

Result<DockerSavedImage> read_manifest(const UnpackedArchive& archive) {
  const UnpackedMember* const member = archive.find("manifest.json");
  if (member == nullptr) return fail(ErrorCode::invalid, "the archive does not hold it");
  if (member->size_bytes > oci_document_bytes_max) return fail(ErrorCode::invalid, "it is longer than 4 MiB");
  TRY_ASSIGN(const std::string text, read_small_file(member->file, oci_document_bytes_max));
  TRY_ASSIGN(const auto images, parse_docker_manifest(text));
  if (images.size() != 1)
    return fail(ErrorCode::invalid,
                "the archive holds " + std::to_string(images.size()) + " images; save exactly one into each file");
  return images.front();
}

// By its first bytes; a tar begins with a name.
Result<std::optional<Compression>> compression_of(const UnpackedMember& layer) {
  const Descriptor input(open(layer.file.c_str(), O_RDONLY | O_CLOEXEC));
  if (input.number() < 0) return fail(system_error("opening the layer " + layer.file.string()));
  std::array<char, 10> block{};
  const ssize_t got = pread(input.number(), block.data(), block.size(), 0);
  if (got < 0) return fail(system_error("reading the layer " + layer.file.string()));
  const std::string_view head(block.data(), static_cast<std::size_t>(got));
  if (head.starts_with("\x1f\x8b")) return Compression::gzip;
  if (head.starts_with("\x28\xb5\x2f\xfd")) return Compression::zstd;
  if (head.starts_with("\xfd"
                       "7zXZ") ||
      (head.starts_with("BZh") && head.ends_with("1AY&SY")))
    return fail(ErrorCode::invalid, "it is compressed with xz or bzip2, which registries do not know; use gzip, zstd or nothing");
  return std::nullopt;
}

// Names of configurations are digests: "<hex>.json", "sha256:<hex>", "blobs/sha256/<hex>".
Result<void> check_name(std::string_view name, const Sha256& digest) {
  name = name.substr(name.find_last_of("/:") + 1);
  if (name.ends_with(".json")) name.remove_suffix(5);
  const auto said = Sha256::parse_hex(name);
  if (said && *said != digest) return fail(ErrorCode::invalid, "its digest is " + oci_digest(digest) + ", not that of its name");
  return {};
}

std::string manifest_json(const OciDescriptor& config, const std::vector<OciDescriptor>& layers) {
  std::string text = "{\"schemaVersion\":2,\"mediaType\":\"" + std::string(oci_manifest_type) +
                     "\",\"config\":" + descriptor_json(config) + ",\"layers\":[";
  for (std::size_t i = 0; i < layers.size(); ++i) text += (i > 0 ? "," : "") + descriptor_json(layers[i]);
  return text + "]}";
}

OciDescriptor descriptor_of(std::string_view media_type, const UnpackedMember& member) {
  OciDescriptor descriptor;
  descriptor.media_type = media_type;
  descriptor.digest = member.sha256;
  descriptor.size_bytes = member.size_bytes;
  return descriptor;
}

}  // namespace

Result<OciImage> read_docker_archive(const UnpackedArchive& archive) {
  const auto saved = read_manifest(archive);
  if (!saved) return fail(saved.error().in("manifest.json"));
  std::map<Sha256, const UnpackedMember*> members;
  const auto find = [&](const std::string& name) -> Result<const UnpackedMember*> {
    const UnpackedMember* const member = archive.find(name);
    if (member == nullptr)
      return fail(ErrorCode::invalid, "manifest.json names " + shown(name) + ", which the archive does not hold");
    members.emplace(member->sha256, member);
    return member;
  };
  TRY_ASSIGN(const UnpackedMember* const config, find(saved->config));
  if (const auto checked = check_name(saved->config, config->sha256); !checked)
    return fail(checked.error().in("configuration " + shown(saved->config)));
  std::vector<OciDescriptor> layers;
  for (const std::string& name : saved->layers) {
    TRY_ASSIGN(const UnpackedMember* const layer, find(name));
    const auto compression = compression_of(*layer);
    if (!compression) return fail(compression.error().in("layer " + shown(name)));
    layers.push_back(descriptor_of(oci_layer_type(*compression), *layer));
  }
  const std::string bytes = manifest_json(descriptor_of(oci_config_type, *config), layers);
  OciDescriptor top;
  top.media_type = oci_manifest_type;
  top.digest = sha256(bytes);
  top.size_bytes = bytes.size();
  OciImageBuilder builder([&](const Sha256& digest) {
    const auto member = members.find(digest);
    return member != members.end() ? member->second : nullptr;
  });
  TRY(builder.add_image(top, bytes));
  return builder.finish();
}

}  // namespace packyard
