// packyard-press restore
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "backup/backup_lock.h"
#include "backup/restore_drill.h"
#include "core/command_runner.h"
#include "core/durable_file.h"
#include "core/json_text.h"
#include "core/settings_file.h"
#include "programs/packyard_press/backup_place.h"
#include "programs/packyard_press/press_command.h"
#include "programs/packyard_press/verify_request.h"
#include "promote/progress.h"
#include "promote/store_paths.h"
#include "storage/store_lock.h"

namespace packyard {
namespace {

constexpr const char* explanation =
    R"(Into empty folders only: those of the settings, or --into FOLDER. Stop gates, admin and front before. Every digest is
compared; what is damaged is named, and then `current` is not made, so that nothing serves half a tree. Interrupted, the same
command goes on.
Keys made after the backup are gone, keys revoked after it open again: go through the admin's log of that time.
--drill restores into a scratch folder beside the running site, starts a gate there, tries a key, verifies the tree as `packyard verify`
does, and removes all of it.
Exit codes: 0 done, each check OK; 1 refused, or something is damaged: each thing is named; 3 our own failure, or a destination that
is away; 4 something is there already, or at work)";

struct RestoreOptions {
  std::string from, backup, identity, into, scratch, test_key_file;
  bool drill = false, list = false;
};

Result<std::filesystem::path> gate_program() {
  std::error_code failure;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failure);
  if (failure) return fail(system_error("finding packyard beside this program", failure.value()));
  return self.parent_path() / "packyard";
}

Result<BackupPlace> open_place(const Settings& settings, const PressCommand& command, const RestoreOptions& options) {
  if (!options.from.empty()) return open_backup_folder(options.from);
  TRY_ASSIGN(const auto backup, load_backup_settings(command.settings_file, command.environment));
  return open_backup_place(backup, settings.storage);
}

Result<std::optional<BackupId>> wanted_backup(const RestoreOptions& options) {
  if (options.backup.empty()) return std::nullopt;
  TRY_ASSIGN(const BackupId id, BackupId::parse(options.backup));
  return id;
}

Result<ExitCode> list_backups(BackupVault& vault, const PressCommand& command) {
  TRY_ASSIGN(const auto ids, vault.backups());
  std::string text;
  for (const BackupId& id : ids) text += command.json ? (text.empty() ? "" : ",") + json_text(id.text()) : id.text() + "\n";
  std::cout << (command.json ? "[" + text + "]\n" : text);
  return ExitCode::done;
}

// ---- a restore
// ------------------------------------------------------------------------------------------------------------------

Result<RestorePlaces> places_of(const Settings& settings, const PressCommand& command, const RestoreOptions& options) {
  if (!options.into.empty()) return RestorePlaces::below(std::filesystem::absolute(options.into));
  const StorageSettings& storage = settings.storage;
  if (storage.state.empty())
    return fail(ErrorCode::invalid,
                "there is no settings file " + command.settings_file + " that says where to: name a folder with --into");
  TRY_ASSIGN(const auto backup, load_backup_settings(command.settings_file, command.environment));
  const auto restored = storage.state / "restored";  // what the settings have no folder for
  return RestorePlaces{storage.published,   storage.state,         backup.keys.empty() ? storage.state : backup.keys,
                       storage.public_keys, restored / "settings", restored / "also"};
}

std::string restored_as_json(const BackupManifest& manifest, const RestoreOutcome& outcome) {
  std::string damages;
  for (const BackupDamage& damage : outcome.damages)
    damages += (damages.empty() ? "{\"subject\":" : ",{\"subject\":") + json_text(damage.subject) +
               ",\"problem\":" + json_text(damage.problem) + "}";
  return "{\"backup\":" + json_text(manifest.id.text()) +
         ",\"release\":" + (manifest.release ? std::to_string(*manifest.release) : "null") +
         ",\"files\":" + std::to_string(outcome.files) + ",\"bytes\":" + std::to_string(outcome.bytes) + ",\"damages\":[" +
         damages + "]}\n";
}

std::string restored_as_text(const BackupManifest& manifest, const RestoreOutcome& outcome, const RestorePlaces& places) {
  std::string text;
  for (const BackupDamage& damage : outcome.damages) text += "DAMAGED: " + damage.subject + ": " + damage.problem + "\n";
  if (!outcome.damages.empty())
    return text + "NOT restored as it was: the rest is there, `current` is not; empty the folders and try another backup " +
           "(--list, --backup)\n";
  return text + "OK: restored " + manifest.id.text() + ": " +
         (manifest.release ? "release " + std::to_string(*manifest.release) : std::string("no release yet")) + ", " +
         std::to_string(outcome.files) + " files of " + std::to_string(outcome.bytes) + " bytes, " +
         std::to_string(manifest.secrets.size()) + " secrets\nsettings are in " + places.settings.string() +
         "; keys revoked since the backup open again: see packyard restore --help\n";
}

Result<ExitCode> restore(const Settings& settings, const PressCommand& command, const RestoreOptions& options,
                         BackupPlace& place) {
  BackupVault vault(*place.store);
  TRY_ASSIGN(auto wanted, wanted_backup(options));
  if (!wanted) {
    TRY_ASSIGN(const auto ids, vault.backups());
    if (ids.empty()) return fail(ErrorCode::not_found, "there is no backup in " + vault.description());
    wanted = ids.back();
  }
  const auto manifest = vault.manifest(*wanted);
  if (!manifest && manifest.error().code == ErrorCode::corrupt)
    return fail(ErrorCode::invalid, "DAMAGED: " + manifest.error().message);
  if (!manifest) return fail(manifest.error());
  TRY_ASSIGN(const auto places, places_of(settings, command, options));
  TRY(make_folders(places.state));
  TRY_ASSIGN(const auto lock, StoreLock::take(places.state / "promote.lock"));
  SystemCommandRunner runner;
  Progress progress = command.json ? Progress(ProgressForm::none, STDERR_FILENO) : Progress::for_descriptor(STDERR_FILENO);
  progress.begin("restoring", manifest->files.size(), "files");
  RestoreRequest request{places, options.identity};
  request.advance = [&](std::uint64_t done, std::uint64_t) { progress.set(done); };
  const auto restored = BackupRestorer(*place.store, runner).restore(*manifest, request);
  progress.end();
  TRY_ASSIGN(const auto outcome, restored);
  std::cout << (command.json ? restored_as_json(*manifest, outcome) : restored_as_text(*manifest, outcome, places));
  return outcome.damages.empty() ? ExitCode::done : ExitCode::refused;
}

// ---- a drill
// --------------------------------------------------------------------------------------------------------------------

Result<std::vector<std::string>> verify_restored(const RestorePlaces& places, const std::filesystem::path& settings_file) {
  TRY_ASSIGN(Settings settings, load_settings(settings_file, {}));
  settings.storage.published = places.published;
  settings.storage.state = places.state;
  settings.storage.public_keys = places.public_keys;
  SystemCommandRunner runner;
  const SystemClock clock;
  TRY_ASSIGN(const auto report, SiteVerifier(runner, clock).verify(verify_request_for(settings)));
  std::vector<std::string> findings;
  for (const Finding& finding : report.findings) findings.push_back(finding.subject + ": " + finding.problem);
  return findings;
}

Result<std::optional<Secret>> read_test_key(const std::string& file) {
  constexpr std::size_t key_bytes_max = 1000;
  if (file.empty()) return std::nullopt;
  TRY_ASSIGN(std::string text, read_small_file(file, key_bytes_max));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.empty()) return fail(ErrorCode::invalid, "reading the test key: " + file + " is empty");
  return Secret(std::move(text));
}

std::string drill_as_json(const DrillReport& report) {
  std::string checks;
  for (const DrillCheck& check : report.checks)
    checks += (checks.empty() ? "{\"ok\":" : ",{\"ok\":") + std::string(check.result == DrillResult::ok ? "true" : "false") +
              ",\"text\":" + json_text(check.text) + "}";
  return "{\"backup\":" + (report.backup ? json_text(report.backup->text()) : "null") +
         ",\"release\":" + (report.release ? std::to_string(*report.release) : "null") +
         ",\"ok\":" + (report.is_good() ? "true" : "false") + ",\"checks\":[" + checks + "]}\n";
}

std::string drill_as_text(const DrillReport& report) {
  std::string text;
  for (const DrillCheck& check : report.checks)
    text += (check.result == DrillResult::ok ? "OK: " : "FAILED: ") + check.text + "\n";
  return text + (report.is_good() ? "This backup can be restored\n" : "This backup can NOT be restored as it was\n");
}

// Neither a backup nor a second drill at the same time: one removes what the other reads.
Result<ExitCode> drill(const Settings& settings, const PressCommand& command, const RestoreOptions& options, BackupPlace& place) {
  DrillRequest request;
  TRY_ASSIGN(request.backup, wanted_backup(options));
  TRY_ASSIGN(request.test_key, read_test_key(options.test_key_file));
  request.identity = options.identity;
  const auto parent = !options.scratch.empty()          ? std::filesystem::absolute(options.scratch)
                      : !settings.storage.state.empty() ? settings.storage.state
                                                        : std::filesystem::temp_directory_path();
  TRY_ASSIGN(const auto lock, take_backup_lock(parent));
  request.scratch = parent / "backup.drill";
  std::error_code failure;
  std::filesystem::remove_all(request.scratch, failure);  // of a drill that was killed
  if (failure) return fail(system_error("emptying " + request.scratch.string(), failure.value()));
  SystemCommandRunner runner;
  TRY_ASSIGN(auto program, gate_program());
  const DrillParts parts{*place.store, runner, std::move(program), verify_restored};
  TRY_ASSIGN(const auto report, RestoreDrill(parts).run(request));
  std::cout << (command.json ? drill_as_json(report) : drill_as_text(report));
  return report.is_good() ? ExitCode::done : ExitCode::refused;
}

Result<ExitCode> run(const Settings& settings, const PressCommand& command, const RestoreOptions& options) {
  umask(0077);
  TRY_ASSIGN(BackupPlace place, open_place(settings, command, options));
  if (options.list) {
    BackupVault vault(*place.store);
    return list_backups(vault, command);
  }
  return options.drill ? drill(settings, command, options, place) : restore(settings, command, options, place);
}

}  // namespace

void add_restore_command(CLI::App& app, PressCommand& command) {
  auto* adding = app.add_subcommand("restore", "bring a backup back into empty folders, or show in a drill that it could be");
  const auto options = std::make_shared<RestoreOptions>();
  adding->add_option("--from", options->from,
                     "the folder with the backups, instead of backup.destination; needs no settings file");
  adding->add_option("--backup", options->backup, "this one instead of the newest");
  adding->add_option("--identity", options->identity,
                     "file with the identity of age that opens it (AGE-SECRET-KEY-…), or an SSH key");
  auto* into_option =
      adding->add_option("--into", options->into, "into this folder: state/, public/, public_keys/, settings/, also/");
  auto* drill_flag =
      adding->add_flag("--drill", options->drill, "restore beside the running site, try it, remove it")->excludes(into_option);
  adding
      ->add_option("--scratch", options->scratch,
                   "where the drill restores to (default: in storage.state); needs room for everything")
      ->needs(drill_flag);
  adding->add_option("--test-key-file", options->test_key_file, "file with a subscriber key that must open in the drill")
      ->needs(drill_flag);
  adding->add_flag("--list", options->list, "only list the backups that are there");
  add_json_option(*adding, command);
  adding->footer(explanation);
  adding->callback([&command, options] {
    if (!options->from.empty()) command.settings_use = SettingsUse::where_there;
    command.run = [&command, options](const Settings& settings) { return run(settings, command, *options); };
  });
}

}  // namespace packyard
