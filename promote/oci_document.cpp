#include "promote/oci_document.h"

#include "core/json_document.h"
#include "promote/json_fields.h"

namespace packyard {
namespace {

// All that decides what a document is, so that none of it can hide in another spelling.
Result<JsonFields> fields_of(const JsonNode& node) {
  return JsonFields::of(node, {"schemaVersion", "mediaType", "config", "layers", "manifests", "subject", "artifactType",
                               "annotations", "fsLayers", "signatures"});
}

Result<void> check_schema(const JsonFields& fields) {
  TRY_ASSIGN(const auto version, fields.whole("schemaVersion"));
  if (version == 1 || fields.has("fsLayers"))
    return fail(ErrorCode::invalid,
                "it is of schema version 1, which clients no longer read; save the image again with a present tool");
  if (version != 2) return fail(ErrorCode::invalid, "its schemaVersion is not 2");
  return {};
}

Result<std::vector<OciDescriptor>> read_list(const JsonFields& fields, std::string_view name) {
  TRY_ASSIGN(const JsonNode* const list, fields.list(name));
  std::vector<OciDescriptor> descriptors;
  if (list == nullptr) return descriptors;
  if (list->items.size() > oci_list_max)
    return fail(ErrorCode::invalid, "more than " + std::to_string(oci_list_max) + " " + std::string(name));
  for (const JsonNode& item : list->items) {
    auto descriptor = read_descriptor(item);
    if (!descriptor) return fail(descriptor.error().in("its " + std::string(name)));
    descriptors.push_back(std::move(*descriptor));
  }
  return descriptors;
}

// What makes a manifest or an index a referrer.
template <class Document>
Result<void> read_reference(const JsonFields& fields, Document& document) {
  TRY_ASSIGN(document.media_type, fields.text("mediaType"));
  TRY_ASSIGN(document.artifact_type, fields.text("artifactType"));
  TRY_ASSIGN(document.annotations, fields.text_by_name("annotations"));
  TRY_ASSIGN(const JsonNode* const subject, fields.object("subject"));
  if (subject == nullptr) return {};
  const auto descriptor = read_descriptor(*subject);
  if (!descriptor) return fail(descriptor.error().in("its subject"));
  document.subject = descriptor->digest;
  return {};
}

}  // namespace

Result<OciIndexDocument> parse_oci_index(std::string_view text) {
  TRY_ASSIGN(const JsonNode node, parse_json(text));
  TRY_ASSIGN(const JsonFields fields, fields_of(node));
  TRY(check_schema(fields));
  if (fields.has("config") || fields.has("layers"))
    return fail(ErrorCode::invalid, "it is index and image manifest at once; clients differ in what they see");
  OciIndexDocument document;
  TRY(read_reference(fields, document));
  TRY_ASSIGN(document.manifests, read_list(fields, "manifests"));
  return document;
}

Result<OciManifestDocument> parse_oci_manifest(std::string_view text) {
  TRY_ASSIGN(const JsonNode node, parse_json(text));
  TRY_ASSIGN(const JsonFields fields, fields_of(node));
  TRY(check_schema(fields));
  if (fields.has("manifests"))
    return fail(ErrorCode::invalid, "it is index and image manifest at once; clients differ in what they see");
  OciManifestDocument document;
  TRY(read_reference(fields, document));
  TRY_ASSIGN(const JsonNode* const config, fields.object("config"));
  if (config == nullptr) return fail(ErrorCode::invalid, "it has no config");
  auto descriptor = read_descriptor(*config);
  if (!descriptor) return fail(descriptor.error().in("its config"));
  document.config = std::move(*descriptor);
  TRY_ASSIGN(document.layers, read_list(fields, "layers"));
  return document;
}

Result<OciConfigDocument> parse_oci_config(std::string_view text) {
  TRY_ASSIGN(const JsonNode node, parse_json(text));
  TRY_ASSIGN(const JsonFields fields, JsonFields::of(node, {"architecture", "os", "variant", "os.version", "rootfs"}));
  OciConfigDocument document;
  TRY_ASSIGN(document.platform.os, fields.text("os"));
  TRY_ASSIGN(document.platform.architecture, fields.text("architecture"));
  TRY_ASSIGN(document.platform.variant, fields.text("variant"));
  TRY_ASSIGN(document.platform.os_version, fields.text("os.version"));
  TRY(check_platform(document.platform));
  TRY_ASSIGN(const JsonNode* const root, fields.object("rootfs"));
  if (root == nullptr) return fail(ErrorCode::invalid, "it has no rootfs");
  TRY_ASSIGN(const JsonFields root_fields, JsonFields::of(*root, {"type", "diff_ids"}));
  TRY_ASSIGN(const std::string type, root_fields.text("type"));
  if (type != "layers") return fail(ErrorCode::invalid, "its rootfs is not of type layers");
  TRY_ASSIGN(const auto diff_ids, root_fields.texts("diff_ids"));
  if (diff_ids.size() > oci_list_max) return fail(ErrorCode::invalid, "more than " + std::to_string(oci_list_max) + " diff_ids");
  for (const std::string& text_of_one : diff_ids) {
    TRY_ASSIGN(const Sha256 digest, parse_oci_digest(text_of_one));
    document.diff_ids.push_back(digest);
  }
  return document;
}

Result<std::vector<DockerSavedImage>> parse_docker_manifest(std::string_view text) {
  TRY_ASSIGN(const JsonNode node, parse_json(text));
  if (node.kind != JsonNode::Kind::list) return fail(ErrorCode::invalid, "it is not a list of images");
  std::vector<DockerSavedImage> images;
  for (const JsonNode& item : node.items) {
    TRY_ASSIGN(const JsonFields fields, JsonFields::of(item, {"Config", "Layers"}));
    DockerSavedImage image;
    TRY_ASSIGN(image.config, fields.text("Config"));
    TRY_ASSIGN(image.layers, fields.texts("Layers"));
    if (image.config.empty()) return fail(ErrorCode::invalid, "an image without Config");
    if (image.layers.size() > oci_list_max)
      return fail(ErrorCode::invalid, "more than " + std::to_string(oci_list_max) + " layers");
    images.push_back(std::move(image));
  }
  return images;
}

Result<void> check_oci_layout(std::string_view text) {
  TRY_ASSIGN(const JsonNode node, parse_json(text));
  TRY_ASSIGN(const JsonFields fields, JsonFields::of(node, {"imageLayoutVersion"}));
  TRY_ASSIGN(const std::string version, fields.text("imageLayoutVersion"));
  if (version != "1.0.0") return fail(ErrorCode::invalid, "its imageLayoutVersion is not 1.0.0");
  return {};
}

}  // namespace packyard
