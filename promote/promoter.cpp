#include "promote/promoter.h"

#include <filesystem>
#include <map>

#include "core/durable_file.h"
#include "promote/package_intake.h"
#include "promote/package_sealing.h"
#include "promote/press_metrics.h"
#include "promote/recovery.h"
#include "promote/release_maker.h"
#include "promote/staging_area.h"
#include "promote/store_paths.h"
#include "promote/store_session.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

// A folder that goes away with the object.
class Scratch {
 public:
  static Result<Scratch> make(fs::path folder) {
    TRY(make_folders(folder));
    return Scratch(std::move(folder));
  }
  Scratch(Scratch&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  const fs::path& folder() const { return folder_; }

 private:
  explicit Scratch(fs::path folder) : folder_(std::move(folder)) {}
  fs::path folder_;
};

std::string archive_key(const PressParts& parts, std::uint64_t release, const ObjectKey& key) {
  const std::string number = fs::path(tree_path::release(release)).filename().string();
  return (parts.archive_folder.empty() ? "" : parts.archive_folder + "/") + number + "/" + key.text();
}

void archive_staged(const PressParts& parts, const StagedList& staged, std::uint64_t release, const auto& add) {
  const auto add_key = [&](const ObjectKey& key, const Sha256& taken) {
    add(ArchiveStep{key.text(), archive_key(parts, release, key), taken});
  };
  for (const auto& file : staged.files) {
    add_key(file.key, file.expected);
    for (const auto& companion : file.companions) add_key(companion.key, companion.sha256);
  }
  for (const auto& set : staged.sets) add_key(set.key, set.sha256);
}

std::string summary_of(const PromotionPlan& plan) {
  std::map<ChangeKind, std::size_t> counts = {{ChangeKind::added, 0}, {ChangeKind::upgraded, 0}, {ChangeKind::removed, 0}};
  for (const auto& change : plan.changes) ++counts[change.kind];
  std::string text;
  for (const auto& [kind, count] : counts)
    text += (text.empty() ? ": " : ", ") + std::to_string(count) + " " + std::string(to_string(kind));
  return std::to_string(plan.targets.size()) + " targets" + text;
}

Result<void> apply_content(ReleaseMaker& maker, const PromotionPlan& plan) {
  for (const auto& [target, changes] : plan.targets) {
    TRY_ASSIGN(const std::uint64_t generation, maker.change(target));
    for (const auto& listing : changes.dropped) TRY(maker.catalog().unlist(listing.id, generation));
    for (const auto& [name, text] : changes.supplements) TRY(maker.catalog().set_supplement(target, name, text, generation));
  }
  return {};
}

}  // namespace

Result<PromotionOutcome> Promoter::promote(const PromotionRequest& request) {
  return request.mode == PromotionMode::dry_run ? dry_run(request) : publish(request);
}

Result<PromotionOutcome> Promoter::dry_run(const PromotionRequest& request) {
  PromotionOutcome outcome;
  TRY_ASSIGN(const auto staged, StagingArea(parts_.staging, parts_.archive_folder, parts_.settings).read(request.scope));
  outcome.staged_files = staged.files.size();
  TRY_ASSIGN(auto catalog, open_catalog_to_read(parts_.settings));
  // Outside state/: a dry run changes nothing there. Each copy goes as soon as it was read.
  std::string pattern = (fs::temp_directory_path() / ("packyard-dry-run-" + std::string(6, 'X'))).string();
  if (mkdtemp(pattern.data()) == nullptr)
    return fail(system_error("making a folder for the dry run in " + fs::temp_directory_path().string()));
  TRY_ASSIGN(const auto scratch, Scratch::make(pattern));
  TRY_ASSIGN(auto intake, take_in(parts_, staged, scratch.folder(), Copies::removed));
  if (!catalog) {
    TRY_ASSIGN(catalog, Catalog::open(scratch.folder() / "empty.db"));
  }
  TRY_ASSIGN(auto plan, plan_promotion(parts_, *catalog, intake, request.older));
  outcome.findings = staged.findings;
  for (auto* findings : {&intake.findings, &plan.findings})
    outcome.findings.insert(outcome.findings.end(), findings->begin(), findings->end());
  outcome.changes = std::move(plan.changes);
  return outcome;
}

Result<PromotionOutcome> Promoter::publish(const PromotionRequest& request) {
  PromotionOutcome outcome;
  TRY_ASSIGN(auto session, StoreSession::open(parts_));
  PressMetrics(parts_.settings, parts_.log).promotion_started(parts_.clock.now());
  outcome.finished = session.finished_release();
  // What was published must be out of staging first: after a rollback it would be published again.
  TRY(tidy_after_release(parts_, session.catalog()));
  TRY_ASSIGN(const auto staged, StagingArea(parts_.staging, parts_.archive_folder, parts_.settings).read(request.scope));
  outcome.staged_files = staged.files.size();
  TRY_ASSIGN(const auto scratch, Scratch::make(store_paths::scratch(parts_.settings)));
  TRY_ASSIGN(auto intake, take_in(parts_, staged, scratch.folder(), Copies::kept));
  TRY_ASSIGN(auto plan, plan_promotion(parts_, session.catalog(), intake, request.older));
  outcome.findings = staged.findings;
  for (auto* findings : {&intake.findings, &plan.findings})
    outcome.findings.insert(outcome.findings.end(), findings->begin(), findings->end());
  if (!outcome.findings.empty()) return outcome;

  if (plan.targets.empty()) {  // all of it is published already: an upload that was repeated
    TRY_ASSIGN(const std::uint64_t newest, session.catalog().newest_release());
    std::vector<ArchiveStep> steps;
    archive_staged(parts_, staged, newest, [&](const ArchiveStep& step) { steps.push_back(step); });
    for (const auto& step : steps) TRY(session.catalog().add_archive_step(step));
    TRY(tidy_after_release(parts_, session.catalog()));
    return outcome;
  }
  TRY_ASSIGN(auto maker, ReleaseMaker::begin(parts_, session, ReleaseKind::promotion));
  TRY_ASSIGN(outcome.findings, seal_packages(parts_, maker, intake, plan));
  if (!outcome.findings.empty()) return outcome;
  TRY(apply_content(maker, plan));
  archive_staged(parts_, staged, maker.number(), [&](const ArchiveStep& step) { maker.archive(step); });
  TRY_ASSIGN(auto made, maker.finish(summary_of(plan)));
  outcome.findings = std::move(made.findings);
  if (made.release) {
    outcome.release = made.release->number;
    outcome.changes = std::move(plan.changes);
  }
  return outcome;
}

}  // namespace packyard
