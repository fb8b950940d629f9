#include "promote/oci_repository_builder.h"

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "core/durable_file.h"
#include "core/tree_path.h"
#include "promote/image_record.h"
#include "promote/oci_documents.h"
#include "promote/oci_media_type.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

class RepositoryBuilder {
 public:
  RepositoryBuilder(const GenerationRequest& request, const fs::path& published) : request_(request), published_(published) {}

  Result<BuiltGeneration> run() {
    const auto listed = request_.packages.for_each([this](const ListedPackage& package) { return add_listed(package); });
    if (!listed) return fail(listed.error());
    const auto unlisted = request_.unlisted.for_each([this](const ListedPackage& package) { return add_unlisted(package); });
    if (!unlisted) return fail(unlisted.error());
    TRY(add_signatures());
    for (const auto& [digest, manifest] : content_.manifests)
      built_.objects.push_back({tree_path::oci_manifest(request_.target, digest), {digest, manifest.size_bytes}});
    for (const auto& [digest, size] : content_.blobs)
      built_.objects.push_back({tree_path::oci_blob(request_.target, digest), {digest, size}});
    std::ranges::sort(built_.objects, {}, &BuiltGeneration::File::path);
    TRY(write_repository());
    return std::move(built_);
  }

 private:
  Result<void> add_listed(const ListedPackage& package) {
    TRY_ASSIGN(const ImageRecord* record, add(package));
    content_.tags[record->tag] = record->top;
    return {};
  }

  Result<void> add_unlisted(const ListedPackage& package) {
    TRY_ASSIGN([[maybe_unused]] const ImageRecord* record, add(package));
    built_.objects.push_back({package.pool_path, {package.published_sha256, package.size_bytes}});
    return {};
  }

  Result<const ImageRecord*> add(const ListedPackage& package) {
    auto record = parse_image_record(package.record);
    if (!record) return fail(record.error().in(package.pool_path));
    content_.manifests.insert(record->manifests.begin(), record->manifests.end());
    content_.blobs.insert(record->blobs.begin(), record->blobs.end());
    records_.push_back(std::make_unique<ImageRecord>(std::move(*record)));
    return records_.back().get();
  }

  // In the order of publication, so that what is added stands behind what was there.
  Result<void> add_signatures() {
    std::ranges::stable_sort(records_, [](const auto& left, const auto& right) {
      return std::tie(left->published_at, left->tag) < std::tie(right->published_at, right->tag);
    });
    std::map<Sha256, std::vector<SignedPayload>> by_digest;
    std::set<std::pair<Sha256, Sha256>> seen;  // one tag staged twice for one image signs the same payload twice
    for (const auto& record : records_)
      for (const auto& entry : record->signatures)
        if (seen.insert({entry.digest, entry.payload}).second) by_digest[entry.digest].push_back(entry);
    for (const auto& [digest, signatures] : by_digest) {
      const SignatureManifest made = signature_manifest(signatures);
      const Sha256 manifest = sha256(made.manifest), config = sha256(made.config);
      TRY(write_own(tree_path::oci_blob(request_.target, config), made.config));
      TRY(write_own(tree_path::oci_manifest(request_.target, manifest), made.manifest));
      content_.blobs[config] = made.config.size();
      content_.manifests[manifest] = {std::string(oci_manifest_type), made.manifest.size(), std::nullopt, "", {}};
      content_.tags[signature_tag(digest)] = manifest;
    }
    return {};
  }

  // Named by its digest: what is there already has these bytes.
  Result<void> write_own(const std::string& path, const std::string& bytes) {
    built_.own_pool_files.push_back(path);
    std::error_code ignored;
    const fs::path file = request_.candidate / path;
    if (fs::exists(published_ / path, ignored) || fs::exists(file, ignored)) return {};
    TRY(make_folders(file.parent_path()));
    return write_new_file(file, bytes, FileMode::world_readable);
  }

  Result<void> write_repository() {
    const std::string folder = tree_path::generation(request_.target, request_.generation);
    const std::string text = repository_json(request_.target, request_.generation, request_.published_at, content_);
    TRY(make_folders(request_.candidate / folder));
    TRY(write_new_file(request_.candidate / folder / "repository.json", text, FileMode::world_readable));
    built_.files.push_back({folder + "/repository.json", {sha256(text), text.size()}});
    return {};
  }

  const GenerationRequest& request_;
  const fs::path& published_;
  std::vector<std::unique_ptr<ImageRecord>> records_;
  RepositoryContent content_;
  BuiltGeneration built_;
};

}  // namespace

Result<BuiltGeneration> build_oci_repository(const GenerationRequest& request, const fs::path& published) {
  return RepositoryBuilder(request, published).run();
}

}  // namespace packyard
