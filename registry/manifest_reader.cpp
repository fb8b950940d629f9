#include "registry/manifest_reader.h"

#include <cstring>

#include "registry/published_file.h"

namespace packyard {
namespace {

// One large manifest must not push out many small ones.
constexpr std::size_t kept_share = 16;

}  // namespace

std::size_t ManifestReader::Hash::operator()(const Sha256& digest) const {
  std::size_t number = 0;
  std::memcpy(&number, digest.bytes.data(), sizeof number);
  return number;
}

ManifestReader::ManifestReader(std::string published_folder, std::size_t kept_bytes_max)
    : published_folder_(std::move(published_folder)), kept_bytes_max_(kept_bytes_max) {}

Result<std::shared_ptr<const std::string>> ManifestReader::read(std::string_view repository, const Sha256& digest,
                                                                std::uint64_t size_bytes) {
  auto kept = find_kept(digest);
  if (kept == nullptr) {
    const std::string file = published_folder_ + "/pool/oci/" + std::string(repository) + "/manifests/sha256/" + digest.hex();
    TRY_ASSIGN(std::string bytes, read_published_file(file, manifest_bytes_max));
    if (sha256(bytes) != digest) return fail(ErrorCode::corrupt, "reading " + file + ": its bytes are not those of its name");
    kept = std::make_shared<const std::string>(std::move(bytes));
    keep(digest, kept);
  }
  if (kept->size() != size_bytes)
    return fail(ErrorCode::corrupt, "manifest " + digest.hex() + " of " + std::string(repository) + " has " +
                                        std::to_string(kept->size()) + " bytes, repository.json says " +
                                        std::to_string(size_bytes));
  return kept;
}

std::shared_ptr<const std::string> ManifestReader::find_kept(const Sha256& digest) {
  return shelf_.with([&](Shelf& shelf) -> std::shared_ptr<const std::string> {
    const auto found = shelf.places.find(digest);
    if (found == shelf.places.end()) return nullptr;
    shelf.kept.splice(shelf.kept.begin(), shelf.kept, found->second);
    return found->second->bytes;
  });
}

void ManifestReader::keep(const Sha256& digest, const std::shared_ptr<const std::string>& bytes) {
  if (bytes->size() > kept_bytes_max_ / kept_share) return;
  shelf_.with([&](Shelf& shelf) {
    if (shelf.places.contains(digest)) return;
    shelf.kept.push_front({digest, bytes});
    shelf.places.emplace(digest, shelf.kept.begin());
    shelf.bytes += bytes->size();
    while (shelf.bytes > kept_bytes_max_) {
      shelf.bytes -= shelf.kept.back().bytes->size();
      shelf.places.erase(shelf.kept.back().digest);
      shelf.kept.pop_back();
    }
  });
}

}  // namespace packyard
