#include "registry/repository_json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/log.h"
#include "registry/oci_digest.h"

namespace packyard {
namespace {

constexpr std::array<std::string_view, 6> top_fields = {"repository", "generation", "published_at", "tags", "manifests", "blobs"};
constexpr std::array<std::string_view, 5> manifest_fields = {"media_type", "size_bytes", "subject", "artifact_type",
                                                             "annotations"};
constexpr std::size_t manifest_fields_needed = 2;

// Event by event: fields that stand twice stay visible, nothing unknown is kept, and depth cannot grow.
class RepositoryJsonReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  RepositoryParts parts;
  std::string problem;

  bool null() override { return refuse("null has no place here"); }
  bool boolean(bool) override { return refuse("true and false have no place here"); }
  bool number_integer(number_integer_t) override { return refuse("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { return refuse("a number that is no whole one"); }
  bool binary(binary_t&) override { return refuse("binary has no place here"); }
  bool start_array(std::size_t) override { return refuse("a list has no place here"); }
  bool end_array() override { return true; }
  bool number_unsigned(number_unsigned_t number) override;
  bool string(string_t& text) override;
  bool key(string_t& name) override;
  bool start_object(std::size_t) override;
  bool end_object() override;
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return refuse("no valid JSON near byte " + std::to_string(position));
  }
  bool is_whole() const { return place_ == Place::done; }

 private:
  enum class Place { outside, top, tags, manifests, manifest, annotations, blobs, done };

  bool refuse(const std::string& why) {
    if (problem.empty()) problem = why + (key_.empty() ? "" : " (at \"" + escape_for_log(key_, 100) + "\")");
    return false;
  }
  bool take_digest(std::string_view text, Sha256& into) {
    const auto digest = parse_oci_digest(text);
    if (digest) into = *digest;
    return digest ? true : refuse("not a sha256 digest");
  }
  template <std::size_t count>
  bool note_field(const std::array<std::string_view, count>& fields, unsigned& seen) {
    const auto found = std::ranges::find(fields, key_);
    if (found == fields.end()) return refuse("an unknown field");
    const unsigned bit = 1u << (found - fields.begin());
    if ((seen & bit) != 0) return refuse("a field that stands twice");
    seen |= bit;
    return true;
  }
  bool string_of_top(std::string& text);
  bool string_of_manifest(std::string& text);

  Place place_ = Place::outside;
  std::string key_;
  unsigned top_seen_ = 0;
  unsigned manifest_seen_ = 0;
};

bool RepositoryJsonReader::key(string_t& name) {
  key_ = name;
  if (place_ == Place::top) return note_field(top_fields, top_seen_);
  if (place_ == Place::manifest) return note_field(manifest_fields, manifest_seen_);
  return true;
}

bool RepositoryJsonReader::start_object(std::size_t) {
  if (place_ == Place::outside) {
    place_ = Place::top;
  } else if (place_ == Place::top && key_ == "tags") {
    place_ = Place::tags;
  } else if (place_ == Place::top && key_ == "manifests") {
    place_ = Place::manifests;
  } else if (place_ == Place::top && key_ == "blobs") {
    place_ = Place::blobs;
  } else if (place_ == Place::manifests) {
    place_ = Place::manifest;
    manifest_seen_ = 0;
    return take_digest(key_, parts.manifests.emplace_back().digest);
  } else if (place_ == Place::manifest && key_ == "annotations") {
    place_ = Place::annotations;
  } else {
    return refuse("an object has no place here");
  }
  return true;
}

bool RepositoryJsonReader::end_object() {
  constexpr unsigned all_of_top = (1u << top_fields.size()) - 1;
  constexpr unsigned needed_of_manifest = (1u << manifest_fields_needed) - 1;
  switch (place_) {
    case Place::top:
      if (top_seen_ != all_of_top) return refuse("a field is missing");
      place_ = Place::done;
      return true;
    case Place::manifest:
      if ((manifest_seen_ & needed_of_manifest) != needed_of_manifest) return refuse("media_type or size_bytes is missing");
      place_ = Place::manifests;
      return true;
    case Place::annotations: place_ = Place::manifest; return true;
    case Place::tags:
    case Place::manifests:
    case Place::blobs: place_ = Place::top; return true;
    case Place::outside:
    case Place::done: break;
  }
  return refuse("an object ends that did not begin");
}

bool RepositoryJsonReader::number_unsigned(number_unsigned_t number) {
  if (place_ == Place::blobs) {
    PublishedBlob& blob = parts.blobs.emplace_back();
    blob.size_bytes = number;
    return take_digest(key_, blob.digest);
  }
  if (place_ == Place::top && key_ == "generation")
    parts.generation = number;
  else if (place_ == Place::manifest && key_ == "size_bytes")
    parts.manifests.back().size_bytes = number;
  else
    return refuse("a number has no place here");
  return true;
}

bool RepositoryJsonReader::string_of_top(std::string& text) {
  if (key_ == "published_at") {
    const auto time = Timestamp::parse_rfc3339(text);
    if (!time) return refuse("not a time like 2026-01-31T12:00:00Z");
    parts.published_at = *time;
    return true;
  }
  if (key_ != "repository") return refuse("a text has no place here");
  parts.repository = std::move(text);
  return true;
}

bool RepositoryJsonReader::string_of_manifest(std::string& text) {
  PublishedManifest& manifest = parts.manifests.back();
  if (key_ == "subject") return take_digest(text, manifest.subject.emplace());
  if (key_ == "media_type")
    manifest.media_type = std::move(text);
  else if (key_ == "artifact_type")
    manifest.artifact_type = std::move(text);
  else
    return refuse("a text has no place here");
  return true;
}

bool RepositoryJsonReader::string(string_t& text) {
  switch (place_) {
    case Place::top: return string_of_top(text);
    case Place::manifest: return string_of_manifest(text);
    case Place::tags: {
      PublishedTag& tag = parts.tags.emplace_back();
      tag.name = key_;
      return take_digest(text, tag.digest);
    }
    case Place::annotations: parts.manifests.back().annotations.emplace_back(key_, std::move(text)); return true;
    case Place::outside:
    case Place::manifests:
    case Place::blobs:
    case Place::done: break;
  }
  return refuse("a text has no place here");
}

}  // namespace

Result<RepositoryParts> parse_repository_json(std::string_view json) {
  RepositoryJsonReader reader;
  nlohmann::json::sax_parse(json, &reader);
  if (!reader.problem.empty() || !reader.is_whole())
    return fail(ErrorCode::corrupt, "repository.json: " + (reader.problem.empty() ? "no object" : reader.problem));
  return std::move(reader.parts);
}

}  // namespace packyard
