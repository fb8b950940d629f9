#include "registry/repository_document.h"

#include <algorithm>
#include <tuple>

#include "core/json_text.h"
#include "core/log.h"
#include "core/names.h"
#include "registry/oci_digest.h"

namespace packyard {
namespace {

constexpr std::size_t type_bytes_max = 255;

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// RFC 6838 4.2, without parameters: it becomes a header as it stands.
bool is_media_type(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (text.size() > type_bytes_max || slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return false;
  return std::ranges::count(text, '/') == 1 && std::ranges::all_of(text, [](char c) {
           return is_letter_or_digit(c) || std::string_view("/!#$&^_.+-").find(c) != std::string_view::npos;
         });
}

std::unexpected<Error> contradiction(const std::string& what) { return fail(ErrorCode::corrupt, "repository.json: " + what); }

std::string descriptor_of(const PublishedManifest& manifest) {
  std::string text = "{\"mediaType\":" + json_text(manifest.media_type) + ",\"digest\":\"" + oci_digest_text(manifest.digest) +
                     "\",\"size\":" + std::to_string(manifest.size_bytes);
  if (!manifest.artifact_type.empty()) text += ",\"artifactType\":" + json_text(manifest.artifact_type);
  if (!manifest.annotations.empty()) {
    text += ",\"annotations\":";
    char separator = '{';
    for (const auto& [name, value] : manifest.annotations) {
      text += separator + json_text(name) + ":" + json_text(value);
      separator = ',';
    }
    text += '}';
  }
  return text + "}";
}

Result<void> check_manifest(const PublishedManifest& manifest) {
  const std::string digest = oci_digest_text(manifest.digest);
  if (!is_media_type(manifest.media_type)) return contradiction("manifest " + digest + " has no media type");
  if (manifest.artifact_type.size() > type_bytes_max)
    return contradiction("manifest " + digest + " has a very long artifact_type");
  if (!manifest.subject && !manifest.annotations.empty())
    return contradiction("manifest " + digest + " has annotations without a subject");
  auto names = manifest.annotations;
  std::ranges::sort(names);
  const auto same_name = [](const auto& left, const auto& right) { return left.first == right.first; };
  if (std::ranges::adjacent_find(names, same_name) != names.end())
    return contradiction("manifest " + digest + " has an annotation twice");
  return {};
}

}  // namespace

bool is_image_tag(std::string_view text) {
  if (text.empty() || text.size() > 128 || text.front() == '.' || text.front() == '-') return false;
  return std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

Result<RepositoryDocument> RepositoryDocument::parse(std::string_view json) {
  TRY_ASSIGN(RepositoryParts parts, parse_repository_json(json));
  if (!TargetId::parse("oci/" + parts.repository)) return contradiction("the repository is no component/year/image");
  RepositoryDocument document;
  document.repository_ = std::move(parts.repository);
  document.generation_ = parts.generation;
  TRY(document.take_manifests(std::move(parts.manifests)));
  TRY(document.take_tags(std::move(parts.tags)));
  TRY(document.take_blobs(parts.blobs));
  return document;
}

Result<void> RepositoryDocument::take_manifests(std::vector<PublishedManifest> manifests) {
  std::ranges::sort(manifests, {}, &PublishedManifest::digest);
  if (std::ranges::adjacent_find(manifests, {}, &PublishedManifest::digest) != manifests.end())
    return contradiction("a manifest is listed twice");
  manifests_.reserve(manifests.size());
  for (PublishedManifest& manifest : manifests) {
    TRY(check_manifest(manifest));
    if (manifest.subject)
      referrers_.push_back({*manifest.subject, manifest.digest, manifest.artifact_type, descriptor_of(manifest)});
    manifests_.push_back({manifest.digest, *media_types_.insert(std::move(manifest.media_type)).first, manifest.size_bytes});
  }
  std::ranges::sort(referrers_, {}, [](const Referrer& referrer) { return std::tie(referrer.subject, referrer.digest); });
  return {};
}

Result<void> RepositoryDocument::take_tags(std::vector<PublishedTag> tags) {
  std::ranges::sort(tags, {}, &PublishedTag::name);
  if (std::ranges::adjacent_find(tags, {}, &PublishedTag::name) != tags.end()) return contradiction("a tag is listed twice");
  for (const PublishedTag& tag : tags) {
    if (!is_image_tag(tag.name)) return contradiction("'" + escape_for_log(tag.name, 64) + "' is no tag");
    if (find_manifest(tag.digest) == nullptr) return contradiction("tag " + tag.name + " names a manifest that is not listed");
  }
  tags_ = std::move(tags);
  return {};
}

Result<void> RepositoryDocument::take_blobs(const std::vector<PublishedBlob>& blobs) {
  blobs_.reserve(blobs.size());
  for (const PublishedBlob& blob : blobs) blobs_.push_back(blob.digest);
  std::ranges::sort(blobs_);
  if (std::ranges::adjacent_find(blobs_) != blobs_.end()) return contradiction("a blob is listed twice");
  return {};
}

const Sha256* RepositoryDocument::find_tag(std::string_view tag) const {
  const auto found = std::ranges::lower_bound(tags_, tag, std::ranges::less(), &PublishedTag::name);
  return found != tags_.end() && found->name == tag ? &found->digest : nullptr;
}

const HeldManifest* RepositoryDocument::find_manifest(const Sha256& digest) const {
  const auto found = std::ranges::lower_bound(manifests_, digest, {}, &HeldManifest::digest);
  return found != manifests_.end() && found->digest == digest ? &*found : nullptr;
}

bool RepositoryDocument::holds_blob(const Sha256& digest) const { return std::ranges::binary_search(blobs_, digest); }

std::span<const Referrer> RepositoryDocument::referrers(const Sha256& subject) const {
  return {std::ranges::equal_range(referrers_, subject, {}, &Referrer::subject)};
}

}  // namespace packyard
