// Reads OCI image manifests and indexes and Docker's forms of them (image specification 1.1, manifest schema 2) as pullers do:
// strict in what a client acts on, tolerant of fields it does not know. A field whose name differs from a known one in case only
// is refused, because Go's parser, which most clients use, takes it for the known one. Outside bytes; errors are
// ErrorCode::invalid. Pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "core/result.h"

namespace packyard {

constexpr std::size_t manifest_bytes_max = 4 * 1024 * 1024;  // what skopeo and podman read
constexpr std::size_t manifest_entries_max = 1'000;          // layers or children; cosign stops there too

struct ManifestPlatform {
  std::string os, architecture, variant, os_version;

  auto operator<=>(const ManifestPlatform&) const = default;
  // BuildKit's attestations stand in an index as manifests for no platform.
  bool is_unknown() const { return os == "unknown" && architecture == "unknown"; }
  // "linux/arm/v7"
  std::string text() const;
  // The same platform under the names that pullers compare: arm64/v8 is arm64, arm is arm/v7 (containerd's rules).
  ManifestPlatform normal() const;
};

struct ManifestDescriptor {
  std::string media_type;
  Sha256 digest;
  std::uint64_t size_bytes = 0;
  std::map<std::string, std::string> annotations;
  std::optional<ManifestPlatform> platform;
};

enum class ManifestKind { image, index };

struct ManifestDocument {
  ManifestKind kind = ManifestKind::image;
  std::string media_type;     // empty when it does not say (allowed for the OCI forms)
  std::string artifact_type;  // may be empty
  std::map<std::string, std::string> annotations;
  std::optional<ManifestDescriptor> subject;
  std::optional<ManifestDescriptor> config;  // image: always there
  std::vector<ManifestDescriptor> layers;    // image
  std::vector<ManifestDescriptor> children;  // index
};

Result<ManifestDocument> read_manifest_document(std::string_view json);

// The kind that a media type stands for; nothing for media types that are no manifest.
std::optional<ManifestKind> manifest_kind(std::string_view media_type);

// "sha256:<64 digits>"
Result<Sha256> read_digest_text(std::string_view text);
std::string digest_with_algorithm(const Sha256& digest);

}  // namespace packyard
