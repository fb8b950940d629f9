#include "verify/oci_manifest_reader.h"

#include <algorithm>
#include <array>

#include "core/base64.h"
#include "verify/json_value.h"

namespace packyard {
namespace {

constexpr std::size_t values_max = 200'000;
constexpr std::string_view algorithm = "sha256:";

constexpr std::array<std::string_view, 8> manifest_names = {"schemaVersion", "mediaType", "artifactType", "config",
                                                            "layers",        "manifests", "subject",      "annotations"};
constexpr std::array<std::string_view, 8> descriptor_names = {"mediaType",   "digest",   "size", "urls",
                                                              "annotations", "platform", "data", "artifactType"};
constexpr std::array<std::string_view, 5> platform_names = {"architecture", "os", "variant", "os.version", "os.features"};

std::unexpected<Error> wrong(std::string_view what) { return fail(ErrorCode::invalid, "is malformed: " + std::string(what)); }

Result<std::map<std::string, std::string>> optional_annotations(const JsonValue& object) {
  const JsonValue* field = object.find("annotations");
  if (field == nullptr || field->is_null()) return std::map<std::string, std::string>();
  return read_text_map(*field, "the annotations");
}

Result<ManifestPlatform> read_platform(const JsonValue& value) {
  TRY(check_names(value, platform_names, "a platform"));
  ManifestPlatform platform;
  TRY_ASSIGN(platform.os, optional_text(value, "os"));
  TRY_ASSIGN(platform.architecture, optional_text(value, "architecture"));
  TRY_ASSIGN(platform.variant, optional_text(value, "variant"));
  TRY_ASSIGN(platform.os_version, optional_text(value, "os.version"));
  if (platform.os.empty() || platform.architecture.empty()) return wrong("a platform without os or architecture");
  return platform;
}

// Clients may take embedded bytes in place of the blob.
Result<void> check_data(const JsonValue& value, const ManifestDescriptor& descriptor) {
  TRY_ASSIGN(const std::string data, optional_text(value, "data"));
  if (data.empty()) return {};
  const auto bytes = decode_base64(data);
  if (!bytes || bytes->size() != descriptor.size_bytes || sha256(*bytes) != descriptor.digest)
    return wrong("a descriptor's data is not what its digest says");
  return {};
}

Result<ManifestDescriptor> read_descriptor(const JsonValue& value) {
  TRY(check_names(value, descriptor_names, "a descriptor"));
  ManifestDescriptor descriptor;
  TRY_ASSIGN(descriptor.media_type, optional_text(value, "mediaType"));
  if (descriptor.media_type.empty()) return wrong("a descriptor without mediaType");
  const std::string* digest = value.find_text("digest");
  if (digest == nullptr) return wrong("a descriptor without digest");
  TRY_ASSIGN(descriptor.digest, read_digest_text(*digest));
  const JsonValue* size = value.find("size");
  if (size == nullptr || size->number() == nullptr) return wrong("a descriptor without size");
  descriptor.size_bytes = *size->number();
  TRY_ASSIGN(descriptor.annotations, optional_annotations(value));
  if (const JsonValue* platform = value.find("platform"); platform != nullptr && !platform->is_null()) {
    TRY_ASSIGN(descriptor.platform, read_platform(*platform));
  }
  TRY(check_data(value, descriptor));
  return descriptor;
}

Result<std::vector<ManifestDescriptor>> read_descriptors(const JsonValue& value, std::string_view what) {
  const JsonList* list = value.list();
  if (list == nullptr) return wrong(std::string(what) + " is no list");
  if (list->size() > manifest_entries_max)
    return wrong(std::string(what) + " has more than " + std::to_string(manifest_entries_max) + " entries");
  std::vector<ManifestDescriptor> descriptors;
  for (const JsonValue& entry : *list) {
    TRY_ASSIGN(ManifestDescriptor descriptor, read_descriptor(entry));
    descriptors.push_back(std::move(descriptor));
  }
  return descriptors;
}

}  // namespace

std::string ManifestPlatform::text() const {
  return os + "/" + architecture + (variant.empty() ? "" : "/" + variant) + (os_version.empty() ? "" : ":" + os_version);
}

ManifestPlatform ManifestPlatform::normal() const {
  ManifestPlatform same = *this;
  if (architecture == "aarch64") same.architecture = "arm64";
  if (architecture == "x86_64" || architecture == "x86-64") same.architecture = "amd64";
  if (same.architecture == "arm64" && (variant == "v8" || variant == "8")) same.variant.clear();
  if (same.architecture == "amd64" && variant == "v1") same.variant.clear();
  if (same.architecture == "arm" && (variant.empty() || variant == "7")) same.variant = "v7";
  return same;
}

std::optional<ManifestKind> manifest_kind(std::string_view media_type) {
  if (media_type == "application/vnd.oci.image.manifest.v1+json" ||
      media_type == "application/vnd.docker.distribution.manifest.v2+json")
    return ManifestKind::image;
  if (media_type == "application/vnd.oci.image.index.v1+json" ||
      media_type == "application/vnd.docker.distribution.manifest.list.v2+json")
    return ManifestKind::index;
  return std::nullopt;
}

Result<Sha256> read_digest_text(std::string_view text) {
  if (!text.starts_with(algorithm)) return wrong("a digest that is no sha256: " + std::string(text.substr(0, 80)));
  auto digest = Sha256::parse_hex(text.substr(algorithm.size()));
  if (!digest) return wrong("the digest " + std::string(text.substr(0, 80)));
  return digest;
}

std::string digest_with_algorithm(const Sha256& digest) { return std::string(algorithm) + digest.hex(); }

Result<ManifestDocument> read_manifest_document(std::string_view json) {
  if (json.size() > manifest_bytes_max) return wrong("more than " + std::to_string(manifest_bytes_max) + " bytes");
  TRY_ASSIGN(const JsonValue value, read_json_value(json, values_max));
  TRY(check_names(value, manifest_names, "it"));
  const JsonValue* version = value.find("schemaVersion");
  if (version == nullptr || version->number() == nullptr || *version->number() != 2) return wrong("its schemaVersion is not 2");
  ManifestDocument document;
  TRY_ASSIGN(document.media_type, optional_text(value, "mediaType"));
  TRY_ASSIGN(document.artifact_type, optional_text(value, "artifactType"));
  TRY_ASSIGN(document.annotations, optional_annotations(value));
  const JsonValue *manifests = value.find("manifests"), *layers = value.find("layers"), *config = value.find("config");
  // One that could be read as either is a known attack (CVE-2021-41190).
  if (manifests != nullptr && (layers != nullptr || config != nullptr)) return wrong("both an image manifest and an index");
  document.kind = manifests != nullptr ? ManifestKind::index : ManifestKind::image;
  if (!document.media_type.empty() && manifest_kind(document.media_type) != document.kind)
    return wrong("the mediaType " + document.media_type + " does not fit its fields");
  if (manifests != nullptr) {
    TRY_ASSIGN(document.children, read_descriptors(*manifests, "manifests"));
  } else {
    if (config == nullptr || layers == nullptr) return wrong("neither config and layers nor manifests");
    TRY_ASSIGN(document.config, read_descriptor(*config));
    TRY_ASSIGN(document.layers, read_descriptors(*layers, "layers"));
  }
  if (const JsonValue* subject = value.find("subject"); subject != nullptr && !subject->is_null()) {
    TRY_ASSIGN(document.subject, read_descriptor(*subject));
  }
  return document;
}

}  // namespace packyard
