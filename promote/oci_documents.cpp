#include "promote/oci_documents.h"

#include "core/json_text.h"
#include "promote/oci_media_type.h"
#include "signer/cosign_documents.h"

namespace packyard {
namespace {

constexpr std::string_view no_time = "0001-01-01T00:00:00Z";  // what Go writes for none

// Without the closing brace, so that members can follow.
std::string open_descriptor(const OciReference& reference) {
  return "{\"mediaType\":\"" + std::string(reference.media_type) + "\",\"digest\":\"" + digest_text(reference.digest) +
         "\",\"size\":" + std::to_string(reference.size_bytes);
}

std::string annotations_text(const std::map<std::string, std::string>& annotations) {
  std::string text;
  for (const auto& [name, value] : annotations) text += (text.empty() ? "" : ",") + json_text(name) + ":" + json_text(value);
  return "{" + text + "}";
}

}  // namespace

// The configuration as cosign writes it: tools that look into one find a history and diff_ids.
SignatureManifest signature_manifest(const std::vector<SignedPayload>& signatures) {
  std::string history, diff_ids, layers;
  for (const auto& entry : signatures) {
    const std::string comma = layers.empty() ? "" : ",";
    history += comma + "{\"created\":\"" + std::string(no_time) + "\"}";
    diff_ids += comma + "\"" + digest_text(entry.payload) + "\"";
    layers += comma + open_descriptor({cosign::payload_media_type, entry.payload, entry.payload_bytes}) + ",\"annotations\":{\"" +
              std::string(cosign::signature_annotation) + "\":" + json_text(entry.signature) + "}}";
  }
  SignatureManifest made;
  made.config = "{\"architecture\":\"\",\"created\":\"" + std::string(no_time) + "\",\"history\":[" + history +
                "],\"os\":\"\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diff_ids + "]},\"config\":{}}";
  made.manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + std::string(oci_manifest_type) +
                  "\",\"config\":" + open_descriptor({oci_config_type, sha256(made.config), made.config.size()}) +
                  "},\"layers\":[" + layers + "]}";
  return made;
}

std::string signature_tag(const Sha256& digest) { return "sha256-" + digest.hex() + ".sig"; }

std::string referrer_manifest(const OciReference& layer, const OciReference& subject,
                              const std::map<std::string, std::string>& annotations) {
  return "{\"schemaVersion\":2,\"mediaType\":\"" + std::string(oci_manifest_type) + "\",\"artifactType\":\"" +
         std::string(layer.media_type) +
         "\",\"config\":" + open_descriptor({oci_empty_type, sha256(empty_config), empty_config.size()}) + "},\"layers\":[" +
         open_descriptor(layer) + "}],\"subject\":" + open_descriptor(subject) +
         "},\"annotations\":" + annotations_text(annotations) + "}";
}

std::string repository_json(const TargetId& target, std::uint64_t generation, Timestamp published_at,
                            const RepositoryContent& content) {
  const std::string repository = target.component.text() + "/" + target.year.text() + "/" + target.target.text();
  std::string text = "{\"repository\":" + json_text(repository) + ",\"generation\":" + std::to_string(generation) +
                     ",\"published_at\":\"" + published_at.rfc3339() + "\",\n\"tags\":{";
  const auto add_all = [&](const auto& entries, const auto& name, const auto& value) {
    bool is_first = true;
    for (const auto& entry : entries) {
      text += (is_first ? "\n" : ",\n") + json_text(name(entry.first)) + ":" + value(entry.second);
      is_first = false;
    }
  };
  const auto same = [](const std::string& tag) { return tag; };
  add_all(content.tags, same, [](const Sha256& digest) { return "\"" + digest_text(digest) + "\""; });
  text += "},\n\"manifests\":{";
  add_all(content.manifests, digest_text, recorded_manifest_text);
  text += "},\n\"blobs\":{";
  add_all(content.blobs, digest_text, [](std::uint64_t size) { return std::to_string(size); });
  return text + "}}\n";
}

}  // namespace packyard
