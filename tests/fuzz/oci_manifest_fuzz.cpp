// Manifests, indexes, image configurations and repository.json as verify reads them. The first byte chooses.
#include <cstdint>
#include <string_view>

#include "verify/image_config_reader.h"
#include "verify/oci_manifest_reader.h"
#include "verify/repository_listing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace packyard;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  if (bytes[0] % 3 == 1) {
    (void)read_image_config(text).has_value();
    return 0;
  }
  if (bytes[0] % 3 == 2) {
    (void)read_repository_listing(text).has_value();
    return 0;
  }
  const auto manifest = read_manifest_document(text);
  if (!manifest) return 0;
  for (const auto& child : manifest->children)
    if (child.platform && child.platform->normal().text().empty()) __builtin_trap();  // os and architecture were demanded
  if (manifest->kind == ManifestKind::image && !manifest->config) __builtin_trap();
  return 0;
}
