#include "promote/image_record.h"

#include "core/json_document.h"
#include "core/json_text.h"

namespace packyard {
namespace {

constexpr std::string_view prefix = "sha256:";

Error damaged(std::string_view what) {
  return {ErrorCode::corrupt, "the record of a published image is damaged (" + std::string(what) + "): restore it from a backup"};
}

// The first damage is kept; what is read then means nothing.
class RecordReader {
 public:
  explicit RecordReader(const JsonNode& document) : document_(document) {}

  Result<ImageRecord> run() {
    ImageRecord record;
    record.tag = text(document_, "tag");
    record.top = digest(text(document_, "top"));
    record.architecture = text(document_, "architecture");
    const auto published_at = Timestamp::parse_rfc3339(text(document_, "published_at"));
    if (published_at)
      record.published_at = *published_at;
    else
      note("published_at");
    for (const auto& entry : items(document_, "manifests", JsonNode::Kind::object))
      record.manifests[digest(entry.name)] = manifest(entry);
    for (const auto& entry : items(document_, "blobs", JsonNode::Kind::object)) record.blobs[digest(entry.name)] = number(&entry);
    for (const auto& entry : items(document_, "signatures", JsonNode::Kind::list))
      record.signatures.push_back({digest(text(entry, "digest")), digest(text(entry, "payload")),
                                   number(entry.find("payload_bytes")), text(entry, "signature")});
    if (document_.find("key") != nullptr) record.key = text(document_, "key");
    if (!problem_.empty()) return fail(damaged(problem_));
    return record;
  }

 private:
  RecordedManifest manifest(const JsonNode& entry) {
    RecordedManifest held{text(entry, "media_type"), number(entry.find("size_bytes")), std::nullopt, "", {}};
    if (entry.find("subject") == nullptr) return held;
    held.subject = digest(text(entry, "subject"));
    if (entry.find("artifact_type") != nullptr) held.artifact_type = text(entry, "artifact_type");
    if (entry.find("annotations") != nullptr)
      for (const auto& annotation : items(entry, "annotations", JsonNode::Kind::object))
        held.annotations[annotation.name] = annotation.text;
    return held;
  }
  std::string text(const JsonNode& object, std::string_view name) {
    const JsonNode* found = object.find(name);
    if (found != nullptr && found->kind == JsonNode::Kind::text) return found->text;
    note(name);
    return {};
  }
  std::uint64_t number(const JsonNode* value) {
    if (value != nullptr && value->whole) return *value->whole;
    note("a size");
    return 0;
  }
  Sha256 digest(std::string_view written) {
    const bool has_prefix = written.starts_with(prefix);
    const auto parsed = Sha256::parse_hex(has_prefix ? written.substr(prefix.size()) : std::string_view());
    if (parsed) return *parsed;
    note("a digest");
    return {};
  }
  const std::vector<JsonNode>& items(const JsonNode& object, std::string_view name, JsonNode::Kind kind) {
    static const std::vector<JsonNode> none;
    const JsonNode* found = object.find(name);
    if (found != nullptr && found->kind == kind) return found->items;
    note(name);
    return none;
  }
  void note(std::string_view what) {
    if (problem_.empty()) problem_ = what;
  }

  const JsonNode& document_;
  std::string problem_;
};

template <class Items, class Show>
std::string listed(const Items& items, Show show) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "\n" : ",\n") + show(item);
  return text;
}

}  // namespace

std::string digest_text(const Sha256& digest) { return std::string(prefix) + digest.hex(); }

std::string recorded_manifest_text(const RecordedManifest& manifest) {
  std::string text =
      "{\"media_type\":" + json_text(manifest.media_type) + ",\"size_bytes\":" + std::to_string(manifest.size_bytes);
  if (manifest.subject) text += ",\"subject\":\"" + digest_text(*manifest.subject) + "\"";
  if (!manifest.artifact_type.empty()) text += ",\"artifact_type\":" + json_text(manifest.artifact_type);
  if (!manifest.annotations.empty()) {
    std::string annotations;
    for (const auto& [name, value] : manifest.annotations)
      annotations += (annotations.empty() ? "" : ",") + json_text(name) + ":" + json_text(value);
    text += ",\"annotations\":{" + annotations + "}";
  }
  return text + "}";
}

std::string image_record_text(const ImageRecord& record) {
  const std::string key = record.key.empty() ? "" : ",\"key\":" + json_text(record.key);
  std::string text = "{\"tag\":" + json_text(record.tag) + ",\"top\":\"" + digest_text(record.top) +
                     "\",\"architecture\":" + json_text(record.architecture) + ",\"published_at\":\"" +
                     record.published_at.rfc3339() + "\"" + key + ",\n\"manifests\":{";
  text += listed(record.manifests, [](const auto& entry) {
    return "\"" + digest_text(entry.first) + "\":" + recorded_manifest_text(entry.second);
  });
  text += "},\n\"blobs\":{" + listed(record.blobs, [](const auto& entry) {
            return "\"" + digest_text(entry.first) + "\":" + std::to_string(entry.second);
          });
  text += "},\n\"signatures\":[" + listed(record.signatures, [](const SignedPayload& entry) {
            return "{\"digest\":\"" + digest_text(entry.digest) + "\",\"payload\":\"" + digest_text(entry.payload) +
                   "\",\"payload_bytes\":" + std::to_string(entry.payload_bytes) +
                   ",\"signature\":" + json_text(entry.signature) + "}";
          });
  return text + "]}\n";
}

Result<ImageRecord> parse_image_record(std::string_view text) {
  const auto document = parse_json(text);
  if (!document) return fail(damaged("no JSON"));
  return RecordReader(*document).run();
}

}  // namespace packyard
