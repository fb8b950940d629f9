#include "promote/package_sealing.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "core/durable_file.h"
#include "promote/parallel.h"
#include "promote/store_paths.h"
#include "promote/target_content.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

Result<void> link_file(const fs::path& from, const fs::path& to) {
  if (link(from.c_str(), to.c_str()) == 0) return {};
  if (errno == ENOENT) {
    TRY(make_folders(to.parent_path()));
    if (link(from.c_str(), to.c_str()) == 0) return {};
  }
  return fail(system_error("linking " + from.string() + " as " + to.string()));
}

// One package with everything the plan wants of it.
struct Work {
  const TakenPackage* package = nullptr;
  std::vector<std::pair<TargetId, const PlannedListing*>> listings;
  std::optional<CatalogPackage> known;   // in the catalog from an earlier promotion
  std::optional<PublishedName> present;  // signed bytes that are in pool/ already
  std::optional<CatalogPackage> joined;  // published, what was staged is added to it
  FileDigest published;
  std::string record;
};

class Sealing {
 public:
  Sealing(const PressParts& parts, ReleaseMaker& maker, const Intake& intake, const PromotionPlan& plan)
      : parts_(parts), maker_(maker), intake_(intake), plan_(plan) {}

  Result<std::vector<Finding>> run() {
    TRY(collect());
    std::vector<std::string> problems(work_.size());
    const std::size_t threads =
        std::max<std::size_t>(std::thread::hardware_concurrency(), parts_.settings.signing.parallel_homes);
    parts_.progress.begin("signing", work_.size(), "packages");
    TRY(for_each_parallel(work_.size(), threads, [&](std::size_t index) -> Result<void> {
      auto sealed = seal(work_[index]);
      parts_.progress.advance();
      if (sealed) return {};
      // Words that belong to the vendor are findings, our own failures errors.
      const ErrorCode code = sealed.error().code;
      if (code != ErrorCode::invalid && code != ErrorCode::conflict)
        return fail(sealed.error().in("signing " + work_[index].package->key.text()));
      problems[index] = sealed.error().message;
      return {};
    }));
    std::vector<Finding> findings;
    for (std::size_t i = 0; i < work_.size(); ++i)
      if (!problems[i].empty()) findings.push_back({work_[i].package->key.text(), problems[i]});
    if (!findings.empty()) return findings;
    for (auto& work : work_) TRY(enter(work));
    for (const auto& [target, changes] : plan_.targets) TRY(back_fill(target, changes));
    return findings;
  }

 private:
  Result<void> collect() {
    std::map<std::size_t, Work> by_package;
    for (const auto& [target, changes] : plan_.targets) {
      for (const auto& listing : changes.added) {
        Work& work = by_package[listing.package];
        work.package = &intake_.packages[listing.package];
        work.listings.emplace_back(target, &listing);
        if (listing.joins) {
          TRY_ASSIGN(work.joined, maker_.catalog().package(listing.joins->package));
        }
      }
    }
    for (auto& [index, work] : by_package) {
      TRY_ASSIGN(work.known, maker_.catalog().find_package(work.package->staged.identity.sha256, work.package->staged.home.text()));
      TRY_ASSIGN(work.present, maker_.catalog().find_signed(work.package->staged.identity.sha256));
      work_.push_back(std::move(work));
    }
    return {};
  }

  static bool needs_bytes(const Work& work) {
    return std::ranges::any_of(work.listings, [](const auto& entry) { return !entry.second->bytes_present; });
  }

  // Safe on several threads: touches files and the work itself only.
  Result<void> seal(Work& work) {
    const PackageFormat& format = *parts_.find_format(work.package->staged.home.format);
    const fs::path pool = parts_.settings.storage.published;
    fs::path bytes;
    if (work.present) {
      bytes = pool / work.present->path;
      work.published = {work.present->published, work.present->size_bytes};
    }
    for (const auto& [target, listing] : work.listings) {
      if (listing->bytes_present) continue;
      const fs::path sealed = maker_.candidate() / listing->path;
      TRY(make_folders(sealed.parent_path()));
      if (bytes.empty()) {
        TRY_ASSIGN(work.published, format.seal({work.package->staged, work.package->facts, maker_.candidate(), sealed, parts_.signer,
                                                       maker_.published_at(),
                                                       work.joined ? std::string_view(work.joined->record) : std::string_view()}));
        bytes = sealed;
      } else {
        TRY(link_file(bytes, sealed));
      }
    }
    if (work.known) {
      if (needs_bytes(work) && work.known->published != work.published.sha256)
        return fail(ErrorCode::conflict,
                    "it was published before with other signed bytes that are gone: raise the version or release");
      return {};
    }
    TRY_ASSIGN(work.record,
               format.describe(bytes, work.package->facts, work.published, work.package->staged.home, maker_.published_at()));
    return {};
  }

  Result<void> enter(const Work& work) {
    std::int64_t package_id = 0;
    if (work.known) {
      package_id = work.known->id;
    } else {
      PackageFacts facts = work.package->facts;
      if (work.joined) {
        facts.version = work.joined->version;
        facts.architecture = work.joined->architecture;
      }
      TRY_ASSIGN(package_id,
                 maker_.catalog().add_package({0, work.package->staged.identity.sha256, work.published.sha256, work.published.size_bytes,
                                               work.package->staged.home.text(), facts.name, facts.version, facts.architecture,
                                               facts.file_name, facts.source_name, facts.modularity, work.record}));
    }
    for (const auto& [target, listing] : work.listings) {
      std::int64_t name_id = listing->name_id.value_or(0);
      if (!listing->name_id) {
        TRY_ASSIGN(name_id, maker_.catalog().add_name(listing->path, package_id));
      }
      if (listing->name_id && !listing->bytes_present) TRY(maker_.catalog().set_name_state(name_id, NameState::present));
      if (listing->joins) TRY(maker_.catalog().supersede(listing->joins->name_id, name_id));
      if (work.present && !listing->bytes_present) maker_.keep_time(listing->path);
      TRY_ASSIGN(const std::uint64_t generation, maker_.change(target));
      TRY(maker_.catalog().list(target, name_id, generation));
    }
    return {};
  }

  Result<void> back_fill(const TargetId& target, const TargetPlan& changes) {
    for (const auto& fill : changes.back_filled) {
      TRY(link_file(parts_.settings.storage.published / fill.listing.path, maker_.candidate() / fill.path));
      maker_.keep_time(fill.path);
      TRY_ASSIGN(const std::int64_t name_id, maker_.catalog().add_name(fill.path, fill.listing.package));
      TRY_ASSIGN(const std::uint64_t generation, maker_.change(target));
      TRY(maker_.catalog().list(target, name_id, generation));
    }
    return {};
  }

  const PressParts& parts_;
  ReleaseMaker& maker_;
  const Intake& intake_;
  const PromotionPlan& plan_;
  std::vector<Work> work_;
};

}  // namespace

Result<std::vector<Finding>> seal_packages(const PressParts& parts, ReleaseMaker& maker, const Intake& intake,
                                           const PromotionPlan& plan) {
  return Sealing(parts, maker, intake, plan).run();
}

}  // namespace packyard
