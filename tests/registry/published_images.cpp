#include "tests/registry/published_images.h"

#include "core/check.h"
#include "core/durable_file.h"
#include "core/json_text.h"
#include "core/names.h"
#include "core/tree_path.h"
#include "registry/oci_digest.h"

namespace packyard {
namespace {

TargetId target_of(const std::string& name) { return TargetId::parse("oci/" + name).value(); }

void write(const std::filesystem::path& file, std::string_view bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::filesystem::remove(file);
  CHECK(write_new_file(file, bytes, FileMode::world_readable));
}

// {"name":value,…}
template <class Map, class Name, class Value>
std::string object_of(const Map& map, Name name, Value value) {
  std::string text = "{";
  for (const auto& [key, entry] : map) text += (text.size() == 1 ? "" : ",") + json_text(name(key)) + ":" + value(entry);
  return text + "}";
}

std::string same(const std::string& text) { return text; }
std::string quoted(const std::string& text) { return json_text(text); }

std::string json_of_manifest(const PublishedImages::Manifest& manifest) {
  std::string text =
      "{\"media_type\":" + json_text(manifest.media_type) + ",\"size_bytes\":" + std::to_string(manifest.size_bytes);
  if (manifest.subject) text += ",\"subject\":" + json_text(oci_digest_text(*manifest.subject));
  if (!manifest.artifact_type.empty()) text += ",\"artifact_type\":" + json_text(manifest.artifact_type);
  if (!manifest.annotations.empty()) text += ",\"annotations\":" + object_of(manifest.annotations, same, quoted);
  return text + "}";
}

}  // namespace

PublishedImages::PublishedImages(std::filesystem::path public_folder) : folder_(std::move(public_folder)) {
  std::filesystem::create_directories(folder_);
}

std::filesystem::path PublishedImages::manifest_file(const std::string& name, const Sha256& digest) const {
  return folder_ / ("pool/oci/" + name + "/manifests/sha256/" + digest.hex());
}

Sha256 PublishedImages::add_manifest(const std::string& name, std::string_view bytes, std::string_view media_type) {
  const Sha256 digest = sha256(bytes);
  repositories_[name].manifests[digest] = {std::string(media_type), bytes.size(), {}, {}, {}};
  write(manifest_file(name, digest), bytes);
  return digest;
}

Sha256 PublishedImages::add_referrer(const std::string& name, std::string_view bytes, const Sha256& subject,
                                     std::string_view artifact_type, std::map<std::string, std::string> annotations) {
  const Sha256 digest = add_manifest(name, bytes);
  Manifest& manifest = repositories_[name].manifests[digest];
  manifest.subject = subject;
  manifest.artifact_type = artifact_type;
  manifest.annotations = std::move(annotations);
  return digest;
}

Sha256 PublishedImages::add_blob(const std::string& name, std::string_view bytes) {
  const Sha256 digest = sha256(bytes);
  repositories_[name].blobs[digest] = bytes.size();
  write(folder_ / ("pool/oci/" + name + "/blobs/sha256/" + digest.hex()), bytes);
  return digest;
}

std::string PublishedImages::json_of(const std::string& name, const Repository& repository) {
  const auto quoted_digest = [](const Sha256& digest) { return json_text(oci_digest_text(digest)); };
  const auto number = [](std::size_t value) { return std::to_string(value); };
  return "{\"repository\":" + json_text(name) + ",\"generation\":" + std::to_string(repository.generation) +
         ",\"published_at\":\"2026-01-31T12:00:00Z\",\"tags\":" + object_of(repository.tags, same, quoted_digest) +
         ",\"manifests\":" + object_of(repository.manifests, oci_digest_text, json_of_manifest) +
         ",\"blobs\":" + object_of(repository.blobs, oci_digest_text, number) + "}\n";
}

void PublishedImages::publish() {
  ++release_;
  for (auto& [name, repository] : repositories_) {
    ++repository.generation;
    const TargetId target = target_of(name);
    write(folder_ / tree_path::generation(target, repository.generation) / "repository.json", json_of(name, repository));
    const std::filesystem::path link = folder_ / tree_path::release_target(release_, target);
    std::filesystem::create_directories(link.parent_path());
    std::filesystem::create_symlink(tree_path::release_target_link(target, repository.generation), link);
  }
  std::filesystem::create_directories(folder_ / tree_path::release(release_));
  std::filesystem::create_symlink(tree_path::release(release_), folder_ / "current.new");
  std::filesystem::rename(folder_ / "current.new", folder_ / "current");
}

void PublishedImages::remove_generation(const std::string& name, std::uint64_t number) {
  std::filesystem::remove_all(folder_ / tree_path::generation(target_of(name), number));
}

void PublishedImages::remove_release(std::uint64_t number) { std::filesystem::remove_all(folder_ / tree_path::release(number)); }

}  // namespace packyard
