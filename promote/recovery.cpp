#include "promote/recovery.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "core/durable_file.h"
#include "promote/parallel.h"
#include "promote/press_metrics.h"
#include "promote/publisher.h"
#include "promote/release_audit.h"
#include "promote/store_paths.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t archiving_threads = 4;  // small moves, each waiting for the file system

constexpr std::uint64_t compared_bytes_max = 64 << 20;

// False when other bytes were staged under the name meanwhile: an updateinfo.xml, say, has the same name each time, and the new
// one is published by nobody yet. Files too large to read once more are packages, whose names are used once.
Result<bool> is_what_was_taken(ObjectStore& store, const ObjectKey& key, const Sha256& taken) {
  TRY_ASSIGN(const auto info, store.stat(key));
  if (info.size_bytes > compared_bytes_max) return true;
  TRY_ASSIGN(const auto reader, store.open(key));
  Sha256Stream stream;
  std::vector<char> block(64 * 1024);
  while (true) {
    TRY_ASSIGN(const std::size_t got, reader->read(block));
    if (got == 0) return stream.finish() == taken;
    stream.update({block.data(), got});
  }
}

// Between stores of different kinds a move is a copy; the staged file goes last.
Result<void> archive_one(const PressParts& parts, const ArchiveStep& step) {
  TRY_ASSIGN(const auto from, ObjectKey::parse(step.from));
  TRY_ASSIGN(const auto to, ObjectKey::parse(step.to));
  if (step.sha256) {
    TRY_ASSIGN(const bool same, is_what_was_taken(parts.staging, from, *step.sha256));
    if (!same) {
      parts.log.warning("staged_again_meanwhile", {{"file", step.from}});
      return {};
    }
  }
  if (&parts.staging == &parts.archive) return parts.staging.move(from, to);
  TRY_ASSIGN(const auto reader, parts.staging.open(from));
  TRY(parts.archive.put_from(to, *reader));
  return parts.staging.remove(from);
}

// A folder leaves public/ by one rename, whole, so that nobody meets half a release; what is moved aside goes with incoming/.
Result<void> remove_published(const StorageSettings& storage, const std::string& relative) {
  const fs::path path = storage.published / relative, aside = storage.state / "incoming" / "removed";
  std::error_code error;
  fs::remove_all(aside, error);
  if (!error && fs::is_directory(fs::symlink_status(path, error))) {
    TRY(move_file(path, aside));
    fs::remove_all(aside, error);
  } else {
    error.clear();
    fs::remove(path, error);
  }
  if (error) return fail(system_error("removing " + path.string(), error.value()));
  // Folders that became empty go too, up to pool/ or index/.
  for (fs::path folder = fs::path(relative).parent_path(); folder.has_parent_path(); folder = folder.parent_path()) {
    fs::remove(storage.published / folder, error);
    if (error) break;
  }
  return {};
}

Result<void> empty_incoming(const Settings& settings) {
  std::error_code error;
  const fs::path incoming = store_paths::incoming(settings);
  for (fs::directory_iterator at(incoming, error), end; !error && at != end; at.increment(error)) {
    std::error_code failed;
    fs::remove_all(at->path(), failed);
    if (failed) return fail(system_error("throwing away the unfinished " + at->path().string(), failed.value()));
  }
  if (error) return fail(system_error("listing " + incoming.string(), error.value()));
  return {};
}

Result<void> archive_published(const PressParts& parts, Catalog& catalog) {
  TRY_ASSIGN(const auto steps, catalog.archive_steps());
  TRY(for_each_parallel(steps.size(), archiving_threads, [&](std::size_t index) -> Result<void> {
    auto done = archive_one(parts, steps[index]);
    if (!done && done.error().code != ErrorCode::not_found) return fail(done.error().in("archiving published staged files"));
    return {};
  }));
  if (!steps.empty()) TRY(catalog.clear_archive_steps());
  return {};
}

Result<void> remove_unneeded(const PressParts& parts, Catalog& catalog) {
  TRY_ASSIGN(const auto removals, catalog.removals());
  for (const auto& path : removals) TRY(remove_published(parts.settings.storage, path));
  if (!removals.empty()) TRY(catalog.clear_removals());
  return {};
}

}  // namespace

Result<void> finish_release(const PressParts& parts, Catalog& catalog, std::uint64_t release) {
  const fs::path& published = parts.settings.storage.published;
  const Publisher publisher(store_paths::candidate(parts.settings, release), published);
  const auto journal = [&](std::string_view step, std::string_view detail) {
    return catalog.write_journal({parts.clock.now(), release, std::string(step), std::string(detail)});
  };
  TRY(journal("moving", ""));
  TRY(publisher.move_all());
  std::error_code error;
  if (!fs::is_regular_file(published / tree_path::release(release) / "release.json", error))
    return fail(ErrorCode::corrupt, "finishing release " + std::to_string(release) + ": neither " +
                                        store_paths::candidate(parts.settings, release).string() + " nor " +
                                        (published / tree_path::release(release)).string() +
                                        " holds its release.json; restore state/ and public/ "
                                        "from one backup");
  // The names must be durable before the pointer to them is.
  TRY(sync_file_system(published));
  TRY(journal("switching", tree_path::release(release)));
  TRY(publisher.switch_to(release));
  TRY_ASSIGN(auto transaction, catalog.begin());
  TRY(catalog.set_live(release, parts.clock.now()));
  TRY(journal("live", ""));
  TRY(transaction.commit());
  fs::remove_all(store_paths::candidate(parts.settings, release), error);
  PressMetrics(parts.settings, parts.log).release_live(catalog, release);
  parts.log.info("release_live", {{"release", release}});
  return {};
}

Result<void> tidy_after_release(const PressParts& parts, Catalog& catalog) {
  TRY(archive_published(parts, catalog));
  return remove_unneeded(parts, catalog);
}

Result<std::optional<std::uint64_t>> recover(const PressParts& parts, Catalog& catalog) {
  TRY_ASSIGN(const auto prepared, catalog.release_in(ReleaseState::prepared));
  std::optional<std::uint64_t> finished;
  if (prepared) {
    parts.log.warning("finishing_interrupted_release", {{"release", prepared->number}});
    TRY(finish_release(parts, catalog, prepared->number));
    finished = prepared->number;
  }
  // A release that was to be made needs its line; one that is finished, or a rollback's look around, does not wait for the log.
  if (const auto named = write_releases_not_made(parts.audit, catalog, parts.clock.now()); !named)
    parts.log.warning("audit_log_failed", {{"error", named.error().message}});
  TRY(empty_incoming(parts.settings));
  // A staging store that is away must not hold up a rollback; a promotion demands it before it reads staging.
  if (const auto archived = archive_published(parts, catalog); !archived)
    parts.log.warning("archiving_put_off", {{"reason", archived.error().message}});
  TRY(remove_unneeded(parts, catalog));
  return finished;
}

}  // namespace packyard
