#include "promote/oci_layout.h"

#include <map>
#include <set>

#include "core/durable_file.h"
#include "promote/oci_document.h"
#include "promote/oci_image_builder.h"
#include "promote/oci_media_type.h"

namespace packyard {
namespace {

constexpr int indexes_max = 16;

Result<std::string> read_member(const UnpackedArchive& archive, std::string_view name) {
  const UnpackedMember* const member = archive.find(name);
  if (member == nullptr) return fail(ErrorCode::invalid, "the archive does not hold it");
  if (member->size_bytes > oci_document_bytes_max) return fail(ErrorCode::invalid, "it is longer than 4 MiB");
  return read_small_file(member->file, oci_document_bytes_max);
}

std::string blob_name(const Sha256& digest) { return "blobs/sha256/" + digest.hex(); }

// What the indexes among the entries name themselves.
Result<std::set<Sha256>> named_by_indexes(const UnpackedArchive& archive, const std::map<Sha256, OciDescriptor>& entries) {
  std::set<Sha256> named;
  int indexes = 0;
  for (const auto& [digest, entry] : entries) {
    if (!is_index_type(entry.media_type) || ++indexes > indexes_max) continue;
    const auto text = read_member(archive, blob_name(digest));
    if (!text) return fail(text.error().in(entry.digest_text()));
    const auto index = parse_oci_index(*text);
    if (!index) return fail(index.error().in(entry.digest_text()));
    for (const OciDescriptor& child : index->manifests) named.insert(child.digest);
  }
  return named;
}

// The one thing that index.json names: under any number of names, and perhaps with its parts beside it, as oras writes them.
Result<OciDescriptor> choose(const UnpackedArchive& archive, const OciIndexDocument& index) {
  if (index.manifests.empty()) return fail(ErrorCode::invalid, "it names no image");
  std::map<Sha256, OciDescriptor> entries;
  for (const OciDescriptor& entry : index.manifests) entries.emplace(entry.digest, entry);
  if (entries.size() == 1) return index.manifests.front();
  TRY_ASSIGN(const std::set<Sha256> named, named_by_indexes(archive, entries));
  std::erase_if(entries, [&](const auto& entry) { return named.contains(entry.first); });
  if (entries.size() == 1) return entries.begin()->second;
  constexpr std::size_t shown_max = 4;
  std::string names;
  std::size_t shown = 0;
  for (const auto& [digest, entry] : entries)
    if (++shown <= shown_max) names += (shown > 1 ? ", " : "") + entry.digest_text();
  return fail(ErrorCode::invalid, "it names " + std::to_string(entries.size()) + " manifests (" + names +
                                      (shown > shown_max ? ", …" : "") +
                                      "); put one image or one index of all platforms into a file");
}

}  // namespace

Result<OciImage> read_oci_layout(const UnpackedArchive& archive) {
  const auto layout = read_member(archive, "oci-layout");
  if (!layout) return fail(layout.error().in("oci-layout"));
  if (const auto checked = check_oci_layout(*layout); !checked) return fail(checked.error().in("oci-layout"));
  const auto text = read_member(archive, "index.json");
  if (!text) return fail(text.error().in("index.json"));
  const auto index = parse_oci_index(*text);
  if (!index) return fail(index.error().in("index.json"));
  const auto top = choose(archive, *index);
  if (!top) return fail(top.error().in("index.json"));
  OciImageBuilder builder([&](const Sha256& digest) { return archive.find(blob_name(digest)); });
  TRY(builder.add(*top));
  return builder.finish();
}

}  // namespace packyard
