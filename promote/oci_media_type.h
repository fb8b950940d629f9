// Media types of image documents and layers: which we publish, and why not the others (OCI image-spec v1.1 media-types.md; Docker
// image manifest version 2, schema 2). Pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "core/result.h"
#include "core/settings.h"

namespace packyard {

inline constexpr std::string_view oci_index_type = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view oci_manifest_type = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view oci_config_type = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view oci_empty_type = "application/vnd.oci.empty.v1+json";

// OCI's and Docker's both.
bool is_index_type(std::string_view media_type);
bool is_manifest_type(std::string_view media_type);
bool is_config_type(std::string_view media_type);

// How the layer is compressed; none is a plain tar. Invalid, with words, for what is no layer, foreign or encrypted.
Result<std::optional<Compression>> layer_compression(std::string_view media_type);
// OCI's, for a layer so compressed; gzip, zstd or none.
std::string_view oci_layer_type(std::optional<Compression> compression);

}  // namespace packyard
