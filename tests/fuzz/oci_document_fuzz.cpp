// Index, manifest, configuration, manifest.json and oci-layout of staged images: never a crash; what is accepted is within
// limits, and a descriptor written again reads as the same.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/check.h"
#include "promote/oci_document.h"

using namespace packyard;

namespace {

void check_descriptor(const OciDescriptor& descriptor) {
  const std::string text = descriptor_json(descriptor);
  const auto node = parse_json(text);
  CHECK(node.has_value());
  const auto again = read_descriptor(*node);
  CHECK(again && descriptor_json(*again) == text && again->digest == descriptor.digest && again->platform == descriptor.platform);
}

void check_platform_parts(const OciPlatform& platform) {
  CHECK(check_platform(platform).has_value());
  CHECK(platform.architecture.find(',') == std::string::npos);
  CHECK(platform.normalised().normalised() == platform.normalised());
  CHECK(!contradicts(platform, platform));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto index = parse_oci_index(text)) {
    CHECK(index->manifests.size() <= oci_list_max && !parse_oci_manifest(text).has_value());
    for (const OciDescriptor& manifest : index->manifests) {
      check_descriptor(manifest);
      if (manifest.platform) check_platform_parts(*manifest.platform);
    }
  }
  if (const auto manifest = parse_oci_manifest(text)) {
    CHECK(manifest->layers.size() <= oci_list_max);
    check_descriptor(manifest->config);
    for (const OciDescriptor& layer : manifest->layers) check_descriptor(layer);
  }
  if (const auto config = parse_oci_config(text)) check_platform_parts(config->platform);
  if (const auto images = parse_docker_manifest(text))
    for (const DockerSavedImage& image : *images) CHECK(!image.config.empty());
  static_cast<void>(check_oci_layout(text));
  return 0;
}
