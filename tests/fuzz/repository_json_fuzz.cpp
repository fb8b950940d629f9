// repository.json as a damaged store would hold it. What is accepted must be whole: every tag leads to a manifest, every referrer
// is one, and nothing of it can break the answers that it becomes part of.
#include <cstdint>
#include <string_view>

#include "core/check.h"
#include "core/names.h"
#include "registry/repository_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace packyard;
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auto parts = parse_repository_json(json);
  const auto document = RepositoryDocument::parse(json);
  if (!document) {
    CHECK(document.error().code == ErrorCode::corrupt);
    return 0;
  }
  CHECK(parts);
  CHECK(TargetId::parse("oci/" + document->repository()));
  CHECK(document->tags().size() == parts->tags.size());
  for (const PublishedTag& tag : document->tags()) {
    CHECK(is_image_tag(tag.name));
    CHECK(document->find_tag(tag.name) != nullptr && document->find_manifest(tag.digest) != nullptr);
  }
  for (const PublishedManifest& manifest : parts->manifests) {
    const HeldManifest* held = document->find_manifest(manifest.digest);
    CHECK(held != nullptr && held->media_type == manifest.media_type);
    for (const char c : held->media_type) CHECK(c > 0x20 && c < 0x7f && c != ';' && c != ',');
    if (!manifest.subject) continue;
    bool listed = false;
    for (const Referrer& referrer : document->referrers(*manifest.subject)) {
      listed = listed || referrer.digest == manifest.digest;
      CHECK(referrer.descriptor.starts_with('{') && referrer.descriptor.ends_with('}'));
      for (const char c : referrer.descriptor) CHECK(static_cast<unsigned char>(c) >= 0x20);
    }
    CHECK(listed);
  }
  for (const PublishedBlob& blob : parts->blobs) CHECK(document->holds_blob(blob.digest));
  return 0;
}
