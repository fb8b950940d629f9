#include "promote/release_documents.h"

#include "core/json_text.h"

namespace packyard {

std::string contents_json(const TargetId& target, std::uint64_t generation, Timestamp published_at, const BuiltGeneration& built,
                          const std::vector<Listing>& packages) {
  constexpr std::size_t bytes_per_package = 320;
  std::string text;
  text.reserve(1024 + packages.size() * bytes_per_package);
  text = "{\"target\":" + json_text(target.text()) + ",\"generation\":" + std::to_string(generation) +
         ",\"published_at\":" + json_text(published_at.rfc3339()) + ",\n\"files\":[";
  const auto file = [&](std::string_view path, const Sha256& digest, std::uint64_t size_bytes) {
    text += "{\"path\":" + json_text(path) + ",\"sha256\":\"" + digest.hex() + "\",\"size_bytes\":" + std::to_string(size_bytes);
  };
  bool is_first = true;
  for (const auto& entry : built.files) {
    text += is_first ? "\n" : ",\n";
    is_first = false;
    file(entry.path, entry.digest.sha256, entry.digest.size_bytes);
    text += "}";
  }
  text += "],\n\"packages\":[";
  is_first = true;
  for (const auto& package : packages) {
    text += is_first ? "\n" : ",\n";
    is_first = false;
    file(package.path, package.published, package.size_bytes);
    text += ",\"name\":" + json_text(package.name) + ",\"version\":" + json_text(package.version) +
            ",\"architecture\":" + json_text(package.architecture) + "}";
  }
  if (target.format != Format::oci) return text + "]}\n";
  text += "],\n\"objects\":[";
  is_first = true;
  for (const auto& object : built.objects) {
    text += is_first ? "\n" : ",\n";
    is_first = false;
    file(object.path, object.digest.sha256, object.digest.size_bytes);
    text += "}";
  }
  return text + "]}\n";
}

std::string release_json(std::uint64_t release, Timestamp published_at, ReleaseKind kind,
                         const std::map<TargetId, ReleasedTarget>& targets) {
  std::string text = "{\"release\":" + std::to_string(release) + ",\"published_at\":" + json_text(published_at.rfc3339()) +
                     ",\"kind\":" + json_text(to_string(kind)) + ",\n\"targets\":{";
  bool is_first = true;
  for (const auto& [target, released] : targets) {
    text += is_first ? "\n" : ",\n";
    is_first = false;
    text += json_text(target.text()) + ":{\"generation\":" + std::to_string(released.generation) + ",\"contents_sha256\":\"" +
            released.contents.hex() + "\"}";
  }
  return text + "}}\n";
}

}  // namespace packyard
