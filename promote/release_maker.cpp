#include "promote/release_maker.h"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "core/durable_file.h"
#include "promote/publisher.h"
#include "promote/recovery.h"
#include "promote/release_audit.h"
#include "promote/release_documents.h"
#include "promote/retention.h"
#include "promote/store_paths.h"
#include "promote/target_content.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

// A generation's folder relative to the file inside a release that links to it.
Result<void> link_target(const fs::path& candidate, std::uint64_t release, const TargetId& target, std::uint64_t generation) {
  const fs::path link = candidate / tree_path::release_target(release, target);
  TRY(make_folders(link.parent_path()));
  if (symlink(tree_path::release_target_link(target, generation).c_str(), link.c_str()) != 0)
    return fail(system_error("making the link " + link.string()));
  return {};
}

}  // namespace

Result<ReleaseMaker> ReleaseMaker::begin(const PressParts& parts, StoreSession& session, ReleaseKind kind, Dating dating) {
  ReleaseMaker maker(parts, session.catalog(), kind);
  TRY_ASSIGN(maker.published_at_, take_publication_second(parts.clock, session.catalog(), dating));
  TRY_ASSIGN(const std::uint64_t newest, session.catalog().newest_release());
  maker.number_ = newest + 1;
  if (const auto live = session.catalog().release_in(ReleaseState::live); !live) {
    return fail(live.error());
  } else if (*live) {
    TRY_ASSIGN(maker.all_, session.catalog().release_targets((*live)->number));
  }
  maker.candidate_ = store_paths::candidate(parts.settings, maker.number_);
  TRY(make_folders(maker.candidate_));
  TRY(session.catalog().write_journal({parts.clock.now(), maker.number_, "claimed", std::string(to_string(kind))}));
  TRY_ASSIGN(auto transaction, session.catalog().begin());
  maker.transaction_.emplace(std::move(transaction));
  return maker;
}

ReleaseMaker::~ReleaseMaker() {
  if (prepared_ || !transaction_) return;
  transaction_.reset();
  std::error_code ignored;  // the next command empties incoming/ anyway
  fs::remove_all(candidate_, ignored);
}

Result<std::uint64_t> ReleaseMaker::change(const TargetId& target) {
  if (const auto found = changed_.find(target); found != changed_.end()) return found->second;
  TRY_ASSIGN(const std::uint64_t newest, catalog_->newest_generation(target));
  changed_[target] = newest + 1;
  all_[target] = newest + 1;
  return newest + 1;
}

Result<void> ReleaseMaker::build(const TargetId& target, std::uint64_t generation, std::vector<Finding>& findings) {
  const PackageFormat* format = parts_->find_format(target.format);
  if (format == nullptr) return fail(ErrorCode::internal, "building " + target.text() + ": no such format in this program");
  TRY(leave_out_untagged(*parts_, *catalog_, target, generation));
  TRY_ASSIGN(const auto listings, sorted_content(*catalog_, *format, target, generation));
  TRY_ASSIGN(const Supplements supplements, catalog_->supplements(target, generation));
  TRY_ASSIGN(const auto not_listed, unlisted_content(*catalog_, target, generation));
  CatalogContent content(*catalog_, listings), unlisted(*catalog_, not_listed);
  if (auto sound = format->check_target(target, content, supplements); !sound) {
    if (sound.error().code != ErrorCode::invalid && sound.error().code != ErrorCode::conflict) return fail(sound.error());
    findings.push_back({target.text(), sound.error().message});
    return {};
  }
  auto built = format->build({target, generation, published_at_, candidate_, content, unlisted, supplements, parts_->signer});
  if (!built) return fail(built.error().in("building the indexes of " + target.text()));
  const std::string contents = contents_json(target, generation, published_at_, *built, listings);
  const fs::path folder = candidate_ / tree_path::generation(target, generation);
  TRY(make_folders(folder));
  TRY(write_new_file(folder / "contents.json", contents, FileMode::world_readable));
  GenerationRow row{target, generation, published_at_, sha256(contents), built->own_pool_files};
  for (const auto& file : built->files)
    if (file.path.starts_with("index/")) row.index_paths.push_back(file.path);
  std::ranges::sort(row.index_paths);
  const auto repeated = std::ranges::unique(row.index_paths);
  row.index_paths.erase(repeated.begin(), repeated.end());
  return catalog_->add_generation(row);
}

// Made aside and renamed when whole: a candidate with a release folder is one that could be published.
Result<void> ReleaseMaker::write_release() {
  const fs::path aside = candidate_ / "unfinished";
  std::map<TargetId, ReleasedTarget> targets;
  for (const auto& [target, generation] : all_) {
    TRY_ASSIGN(const Sha256 contents, catalog_->contents_digest(target, generation));
    targets[target] = {generation, contents};
    TRY(link_target(aside, number_, target, generation));
  }
  const std::string text = release_json(number_, published_at_, kind_, targets);
  const fs::path folder = aside / tree_path::release(number_);
  TRY(make_folders(folder));
  TRY(write_new_file(folder / "release.json", text, FileMode::world_readable));
  TRY_ASSIGN(const std::string signature, parts_->signer.sign_detached(text, SignatureForm::armored));
  TRY(write_new_file(folder / "release.json.asc", signature, FileMode::world_readable));
  TRY(move_file(aside / "releases", candidate_ / "releases"));
  std::error_code error;
  fs::remove(aside, error);
  if (error) return fail(system_error("removing " + aside.string(), error.value()));
  return {};
}

Result<std::vector<Finding>> ReleaseMaker::verify() const {
  VerifyRequest request;
  request.published = parts_->settings.storage.published;
  request.candidate = candidate_;
  request.release = number_;
  request.public_keys = store_paths::public_key(parts_->settings);
  request.image_key = store_paths::image_public_key(parts_->settings);
  request.site = parts_->settings.site;
  request.image_signatures = parts_->settings.signing.image_signatures;
  request.depth = VerifyDepth::changed;
  for (const auto& [target, generation] : changed_) request.targets.insert(target);
  request.progress = [this](std::uint64_t done, std::uint64_t) { parts_->progress.set(done); };
  TRY_ASSIGN(auto report, parts_->verify(request));
  return std::move(report.findings);
}

Result<void> ReleaseMaker::commit(const std::string& summary) {
  // Bytes and names of the candidate first: a release that the catalog promises must be there after a power cut.
  TRY(sync_file_system(candidate_));
  // A number is used anew when its release was not made: then the log says so before the number's next line.
  TRY(write_releases_not_made(parts_->audit, *catalog_, parts_->clock.now()));
  const ReleaseRow release{number_, kind_, published_at_, ReleaseState::prepared, false, std::nullopt, summary};
  TRY(catalog_->add_release(release, all_));
  for (const auto& step : archive_) TRY(catalog_->add_archive_step(step));
  TRY(catalog_->write_journal({parts_->clock.now(), number_, "prepared", summary}));
  // What is done stands in the audit log first.
  TRY_ASSIGN(const auto turn, parts_->audit.begin(parts_->clock.now()));
  const std::vector<AuditEntry> entries{release_audit_entry(parts_->actor, release, changed_)};
  TRY(turn->write(entries, parts_->clock.now()));
  if (auto committed = transaction_->commit(); !committed) {
    if (const auto told = turn->write_failed(entries, committed.error().message, parts_->clock.now()); !told)
      parts_->log.error("audit_log_failed", {{"error", told.error().message}});
    return committed;
  }
  prepared_ = true;
  transaction_.reset();
  return {};
}

Result<ReleaseMaker::Outcome> ReleaseMaker::finish(const std::string& summary) {
  Outcome outcome;
  parts_->progress.begin("building indexes", changed_.size(), "targets");
  for (const auto& [target, generation] : changed_) {
    TRY(build(target, generation, outcome.findings));
    parts_->progress.advance();
  }
  if (!outcome.findings.empty()) return outcome;
  TRY(write_release());
  TRY(Publisher(candidate_, parts_->settings.storage.published).settle(published_at_, kept_));
  parts_->progress.begin("verifying", 0, "files");
  TRY_ASSIGN(outcome.findings, verify());
  if (!outcome.findings.empty()) return outcome;
  parts_->progress.begin("publishing", 0, "");
  TRY(commit(summary));
  outcome.release = MadeRelease{number_, published_at_};
  const auto later = [&](const Error& error) {
    return fail(error.in("release " + std::to_string(number_) + " is prepared but not finished; the next command finishes it"));
  };
  if (auto finished = finish_release(*parts_, *catalog_, number_); !finished) return later(finished.error());
  // The release is live: what follows is housekeeping that the next command would do again.
  auto retained = apply_retention(*parts_, *catalog_);
  if (retained) retained = tidy_after_release(*parts_, *catalog_);
  if (!retained) parts_->log.warning("housekeeping_put_off", {{"release", number_}, {"reason", retained.error().message}});
  parts_->progress.end();
  return outcome;
}

}  // namespace packyard
