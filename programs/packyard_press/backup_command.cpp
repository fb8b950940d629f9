// packyard-press backup
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "backup/backup_maker.h"
#include "backup/backup_metrics.h"
#include "core/command_runner.h"
#include "core/json_text.h"
#include "core/settings_text.h"
#include "programs/packyard_press/backup_place.h"
#include "programs/packyard_press/press_command.h"
#include "promote/progress.h"
#include "promote/store_paths.h"

namespace packyard {
namespace {

constexpr const char* explanation =
    R"(Kept are the key database and the catalog (consistent copies, while everything goes on), the peppers, the settings, the files
that backup.also names, the public keys and the whole published tree: signed bytes cannot be made again. What is secret is encrypted
to backup.recipients by the program age. Published files are kept as they are, once per SHA-256: whoever holds a subscriber key may
have them, and anybody can check them without a secret; keep the destination private all the same, they are what customers pay for.
Private signing keys are not kept: keep copies of them elsewhere.
A promotion that is running is waited for. Interrupted, all earlier backups stay whole, and the next run goes on.
Exit codes: 0 done; 1 refused; 3 our own failure or a destination that is away; 4 another backup is being made)";

struct BackupOptions {
  bool before_change = false;
  bool unencrypted = false;
};

BackupSources sources_of(const Settings& settings, const BackupSettings& policy, const std::string& settings_file) {
  const StorageSettings& storage = settings.storage;
  BackupSources sources;
  sources.store = {storage.published, storage.public_keys, store_paths::catalog(settings), store_paths::lock(settings),
                   store_paths::incoming(settings)};
  sources.secrets.keys = policy.keys.empty() ? storage.state : policy.keys;
  sources.secrets.settings_file = std::filesystem::absolute(settings_file);
  sources.secrets.settings_in_force = settings_text(settings) + settings_text(policy);
  sources.secrets.also = policy.also;
  sources.state = storage.state;
  return sources;
}

Result<BackupOutcome> attempt(const Settings& settings, const PressCommand& command, const BackupOptions& options) {
  TRY_ASSIGN(const auto policy, load_backup_settings(command.settings_file, command.environment));
  TRY_ASSIGN(const auto place, open_backup_place(policy, settings.storage));
  const auto sources = sources_of(settings, policy, command.settings_file);
  SystemCommandRunner runner;
  Progress progress = command.json ? Progress(ProgressForm::none, STDERR_FILENO) : Progress::for_descriptor(STDERR_FILENO);
  std::uint64_t announced = 0;
  const auto advance = [&](std::uint64_t done, std::uint64_t total) {
    if (announced != total) progress.begin("keeping", total, "files");
    announced = total;
    progress.set(done);
  };
  BackupRequest request;
  request.kind = options.before_change ? BackupKind::before_change : BackupKind::daily;
  request.sealing = options.unencrypted ? Sealing::none : Sealing::encrypted;
  auto outcome = BackupMaker(sources, policy, *place.store, runner, *place.clock, advance).make(request);
  progress.end();
  return outcome;
}

// Who only found another backup at work has nothing to tell: that one will.
void tell_metrics(const Settings& settings, const Result<BackupOutcome>& outcome) {
  if (!outcome && outcome.error().code == ErrorCode::conflict) return;
  const Log log(LogLevel::warning);
  BackupMetrics(store_paths::metrics(settings), log)
      .finished(SystemClock().now(), outcome ? BackupResult::succeeded : BackupResult::failed);
}

std::string as_json(const BackupOutcome& outcome) {
  const BackupManifest& manifest = outcome.manifest;
  const auto list = [](const auto& items, const auto& text_of) {
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : ",") + json_text(text_of(item));
    return "[" + text + "]";
  };
  return "{\"backup\":" + json_text(manifest.id.text()) +
         ",\"release\":" + (manifest.release ? std::to_string(*manifest.release) : "null") +
         ",\"files\":" + std::to_string(manifest.files.size()) + ",\"bytes\":" + std::to_string(outcome.size_bytes) +
         ",\"new_blobs\":" + std::to_string(outcome.new_blobs) + ",\"new_bytes\":" + std::to_string(outcome.new_bytes) +
         ",\"encrypted\":" + (manifest.sealing == Sealing::encrypted ? "true" : "false") +
         ",\"removed\":" + list(outcome.removed, [](const BackupId& id) { return id.text(); }) +
         ",\"warnings\":" + list(outcome.warnings, [](const std::string& text) { return text; }) + "}\n";
}

std::string as_text(const BackupOutcome& outcome) {
  const BackupManifest& manifest = outcome.manifest;
  std::string text =
      "backup " + manifest.id.text() +
      " is made: " + (manifest.release ? "release " + std::to_string(*manifest.release) : std::string("no release yet")) + ", " +
      std::to_string(manifest.files.size()) + " files of " + std::to_string(outcome.size_bytes) + " bytes, of which " +
      std::to_string(outcome.new_bytes) + " bytes were new, and " + std::to_string(manifest.secrets.size()) +
      (manifest.sealing == Sealing::encrypted ? " encrypted secrets\n" : " secrets, NOT encrypted\n");
  for (const BackupId& id : outcome.removed) text += "removed " + id.text() + ", as retention says\n";
  return text;
}

Result<ExitCode> run(const Settings& settings, const PressCommand& command, const BackupOptions& options) {
  // What lies at the destination is for this account alone.
  umask(0077);
  const auto attempted = attempt(settings, command, options);
  tell_metrics(settings, attempted);
  TRY_ASSIGN(const auto outcome, attempted);
  for (const std::string& warning : outcome.warnings) std::cerr << "warning: " << warning << "\n";
  std::cout << (command.json ? as_json(outcome) : as_text(outcome));
  return ExitCode::done;
}

}  // namespace

void add_backup_command(CLI::App& app, PressCommand& command) {
  auto* backup = app.add_subcommand("backup", "keep what cannot be made again at backup.destination, while everything goes on");
  const auto options = std::make_shared<BackupOptions>();
  backup->add_flag("--before-change", options->before_change,
                   "kept apart from the daily ones (backup.keep_before_change): before an upgrade, a purge, a change of keys");
  backup->add_flag("--unencrypted", options->unencrypted,
                   "databases, peppers and settings as they are, for anyone who reads the destination");
  add_json_option(*backup, command);
  backup->footer(explanation);
  backup->callback([&command, options] {
    command.run = [&command, options](const Settings& settings) { return run(settings, command, *options); };
  });
}

}  // namespace packyard
