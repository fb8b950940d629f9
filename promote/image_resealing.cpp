#include "promote/image_resealing.h"

#include "core/durable_file.h"
#include "promote/parallel.h"
#include "promote/release_maker.h"
#include "promote/store_session.h"
#include "promote/target_content.h"

namespace packyard {
namespace {

// One image that a repository holds, and what becomes of it.
struct Image {
  Listing listing;  // id 0: held, not listed
  CatalogPackage package;
  PackageFacts facts;  // of the new one
  Sha256 identity;
  std::string path;
  std::optional<FileDigest> sealed;  // unset: stays as it is
  std::string record;
};

class Resealing {
 public:
  Resealing(const PressParts& parts, ReleaseMaker& maker, ChangeOutcome& outcome)
      : parts_(parts), maker_(maker), catalog_(maker.catalog()), outcome_(outcome) {}

  Result<void> run(const TargetId& target) {
    format_ = parts_.find_format(target.format);
    if (format_ == nullptr)
      return fail(ErrorCode::internal, "signing " + target.text() + " anew: no such format in this program");
    TRY_ASSIGN(auto images, images_of(target));
    parts_.progress.begin("signing", images.size(), "images");
    TRY(for_each_parallel(images.size(), std::thread::hardware_concurrency(), [&](std::size_t index) -> Result<void> {
      auto done = seal(images[index], target);
      parts_.progress.advance();
      if (!done) return fail(done.error().in("signing " + images[index].package.name + " of " + target.text() + " anew"));
      return {};
    }));
    for (const auto& image : images)
      if (image.sealed) TRY(enter(image, target));
    return {};
  }

 private:
  Result<std::vector<Image>> images_of(const TargetId& target) {
    TRY_ASSIGN(const std::uint64_t generation, catalog_.newest_generation(target));
    TRY_ASSIGN(auto listings, sorted_content(catalog_, *format_, target, generation));
    TRY_ASSIGN(auto held, unlisted_content(catalog_, target, generation));
    listings.insert(listings.end(), std::make_move_iterator(held.begin()), std::make_move_iterator(held.end()));
    std::vector<Image> images;
    for (auto& listing : listings) {
      TRY_ASSIGN(auto package, catalog_.package(listing.package));
      PackageFacts facts = facts_of(package);
      // Stands for what was staged, as the identity of a new package must: these signatures of that image.
      const Sha256 identity = sha256(package.staged.hex() + " signed anew in release " + std::to_string(maker_.number()));
      facts.source_name = identity.hex();
      std::string path = format_->pool_path(facts, target);
      images.push_back({std::move(listing), std::move(package), std::move(facts), identity, std::move(path), std::nullopt, ""});
    }
    return images;
  }

  // Safe on several threads: touches files and the image alone.
  Result<void> seal(Image& image, const TargetId& target) const {
    const std::filesystem::path file = maker_.candidate() / image.path;
    TRY(make_folders(file.parent_path()));
    const auto signatures = image.listing.state == NameState::withdrawn ? Signatures::taken_away : Signatures::renewed;
    TRY_ASSIGN(image.sealed, format_->reseal({target, image.package.record, signatures, maker_.candidate(), file,
                                              maker_.published_at()}));
    if (!image.sealed) return {};
    TRY_ASSIGN(image.record, format_->describe(file, image.facts, *image.sealed, target, maker_.published_at()));
    return {};
  }

  Result<void> enter(const Image& image, const TargetId& target) {
    CatalogPackage made = image.package;
    made.staged = image.identity;
    made.source_name = image.facts.source_name;
    made.published = image.sealed->sha256;
    made.size_bytes = image.sealed->size_bytes;
    made.record = image.record;
    TRY_ASSIGN(const std::int64_t package, catalog_.add_package(made));
    TRY_ASSIGN(const std::int64_t name, catalog_.add_name(image.path, package));
    if (image.listing.state != NameState::present) TRY(catalog_.set_name_state(name, image.listing.state));
    TRY(catalog_.supersede(image.listing.name_id, name));
    TRY_ASSIGN(const std::uint64_t generation, maker_.change(target));
    if (image.listing.id == 0) return catalog_.hold(target, name, generation);
    TRY(catalog_.unlist(image.listing.id, generation));
    TRY(catalog_.list(target, name, generation));
    outcome_.changes.push_back(
        {ChangeKind::resealed, target.text(), image.facts.name, image.facts.architecture, image.facts.version, ""});
    return {};
  }

  const PressParts& parts_;
  ReleaseMaker& maker_;
  Catalog& catalog_;
  ChangeOutcome& outcome_;
  const PackageFormat* format_ = nullptr;
};

}  // namespace

Result<ChangeOutcome> reseal_images(const PressParts& parts, const Scope& scope) {
  ChangeOutcome outcome;
  TRY_ASSIGN(auto session, StoreSession::open(parts));
  TRY_ASSIGN(const auto live, session.catalog().release_in(ReleaseState::live));
  if (!live) return outcome;
  TRY_ASSIGN(const auto targets, session.catalog().release_targets(live->number));
  TRY_ASSIGN(auto maker, ReleaseMaker::begin(parts, session, ReleaseKind::refresh));
  Resealing resealing(parts, maker, outcome);
  for (const auto& [target, generation] : targets)
    if (target.format == Format::oci && scope.covers(target)) TRY(resealing.run(target));
  if (!maker.changes_something()) return outcome;
  TRY_ASSIGN(auto made, maker.finish(std::to_string(outcome.changes.size()) + " image tags signed anew"));
  outcome.findings = std::move(made.findings);
  if (made.release) outcome.release = made.release->number;
  return outcome;
}

}  // namespace packyard
