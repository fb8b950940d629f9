// Reads an image's configuration (OCI image specification 1.1 "config", Docker's image JSON): the platform it is for and the
// digests of its unpacked layers. Tolerant of everything else. Outside bytes; errors are ErrorCode::invalid. Pure functions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "core/result.h"
#include "verify/input_decompressor.h"
#include "verify/oci_manifest_reader.h"

namespace packyard {

constexpr std::size_t image_config_bytes_max = 4 * 1024 * 1024;

struct ImageConfigDocument {
  ManifestPlatform platform;     // parts may be empty
  std::vector<Sha256> diff_ids;  // of the unpacked layers, lowest first
};
Result<ImageConfigDocument> read_image_config(std::string_view json);

// True for the media types of such a configuration; other configurations belong to artifacts that are no images.
bool is_image_config(std::string_view media_type);

// How a layer of this media type is packed; nothing when it is no file system layer.
std::optional<Packing> layer_packing(std::string_view media_type);

}  // namespace packyard
