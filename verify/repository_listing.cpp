#include "verify/repository_listing.h"

#include <algorithm>
#include <array>

#include "verify/json_value.h"
#include "verify/oci_manifest_reader.h"
#include "verify/tree_grammar.h"

namespace packyard {
namespace {

constexpr std::size_t values_max = 5'000'000;
constexpr std::array<std::string_view, 5> entry_names = {"media_type", "size_bytes", "subject", "artifact_type", "annotations"};

std::unexpected<Error> wrong(std::string_view what) { return fail(ErrorCode::invalid, "is malformed: " + std::string(what)); }

Result<ListedManifest> read_entry(const JsonValue& value, const std::string& digest) {
  const JsonObject* object = value.object();
  const JsonValue* size = value.find("size_bytes");
  const std::string* media_type = value.find_text("media_type");
  if (object == nullptr || media_type == nullptr || size == nullptr || size->number() == nullptr)
    return wrong("media_type and size_bytes of " + digest);
  for (const auto& [name, field] : *object)
    if (std::ranges::find(entry_names, name) == entry_names.end()) return wrong("the field " + name + " of " + digest);
  ListedManifest entry;
  entry.media_type = *media_type;
  entry.size_bytes = *size->number();
  if (value.find("subject") != nullptr) {
    if (value.find_text("subject") == nullptr) return wrong("the subject of " + digest);
    TRY_ASSIGN(entry.subject, read_digest_text(*value.find_text("subject")));
  }
  if (value.find("artifact_type") != nullptr) {
    if (value.find_text("artifact_type") == nullptr) return wrong("the artifact_type of " + digest);
    entry.artifact_type = *value.find_text("artifact_type");
  }
  if (const JsonValue* annotations = value.find("annotations"); annotations != nullptr) {
    TRY_ASSIGN(entry.annotations, read_text_map(*annotations, "the annotations of " + digest));
  }
  return entry;
}

Result<void> read_tags(const JsonObject& tags, RepositoryListing& document) {
  for (const auto& [tag, value] : tags) {
    if (!tree_grammar::is_tag(tag)) return wrong("the tag " + tag);
    if (value.text() == nullptr) return wrong("the digest of tag " + tag);
    TRY_ASSIGN(const Sha256 digest, read_digest_text(*value.text()));
    document.tags.emplace(tag, digest);
  }
  return {};
}

}  // namespace

Result<RepositoryListing> read_repository_listing(std::string_view json) {
  TRY_ASSIGN(const JsonValue value, read_json_value(json, values_max));
  if (!value.has_exactly({"repository", "generation", "published_at", "tags", "manifests", "blobs"})) return wrong("its fields");
  const std::string *repository = value.find_text("repository"), *published_at = value.find_text("published_at");
  const std::uint64_t* generation = value.find("generation")->number();
  const JsonObject *tags = value.find("tags")->object(), *manifests = value.find("manifests")->object(),
                   *blobs = value.find("blobs")->object();
  if (repository == nullptr || published_at == nullptr || generation == nullptr || tags == nullptr || manifests == nullptr ||
      blobs == nullptr)
    return wrong("the types of its fields");
  RepositoryListing document;
  document.repository = *repository;
  document.generation = *generation;
  TRY_ASSIGN(document.published_at, Timestamp::parse_rfc3339(*published_at));
  TRY(read_tags(*tags, document));
  for (const auto& [text, entry] : *manifests) {
    TRY_ASSIGN(const Sha256 digest, read_digest_text(text));
    TRY_ASSIGN(ListedManifest manifest, read_entry(entry, text));
    document.manifests.emplace(digest, std::move(manifest));
  }
  for (const auto& [text, size] : *blobs) {
    TRY_ASSIGN(const Sha256 digest, read_digest_text(text));
    if (size.number() == nullptr) return wrong("the size of blob " + text);
    document.blobs.emplace(digest, *size.number());
  }
  return document;
}

}  // namespace packyard
