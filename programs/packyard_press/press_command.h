// What every subcommand of packyard-press shares: the settings it was started with, opening what it needs, exit codes and how
// results are shown. Used by main and the wiring files, on one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/environment.h"
#include "core/result.h"
#include "core/settings.h"
#include "promote/press_parts.h"
#include "promote/scope.h"

namespace CLI {
class App;
}

namespace packyard {

// The --help text of main explains them.
enum class ExitCode { done = 0, refused = 1, usage = 2, failed = 3, conflict = 4 };
ExitCode exit_code_of(const Error& error);

// Whether a command can do without a settings file: a machine that was lost has none any more.
enum class SettingsUse { demanded, where_there };

// Filled by the command line; `run` is the subcommand that was chosen.
struct PressCommand {
  std::string settings_file;
  bool json = false;
  ProgressWatcher progress_watcher;  // sees the steps, when set
  std::string on_behalf_of;          // who asked for it, where that is not this account
  PressActor actor;                  // from it; a queued promotion's own replaces it
  std::function<Result<ExitCode>(const Settings&)> run;
  SettingsUse settings_use = SettingsUse::demanded;
  Environment environment;  // as main found it
};

// This account, and whom it acts for. Fails as invalid for a name that could not stand in a log.
Result<PressActor> local_actor(const std::string& on_behalf_of);

struct ScopeOptions {
  std::string component, year, format, target;
  Result<Scope> parse() const;
};
// --component, --year, --format, --target.
void add_scope_options(CLI::App& app, ScopeOptions& options);
void add_json_option(CLI::App& app, PressCommand& command);

// The press with its real parts; keeps them alive.
class OpenedPress {
 public:
  enum class Signing { needed, not_needed };
  static Result<std::unique_ptr<OpenedPress>> open(const Settings& settings, const PressCommand& command, Signing signing);
  ~OpenedPress();
  const PressParts& parts() const;

 private:
  struct State;
  explicit OpenedPress(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// One wiring file each.
void add_backup_command(CLI::App& app, PressCommand& command);
void add_promote_command(CLI::App& app, PressCommand& command);
void add_release_commands(CLI::App& app, PressCommand& command);
void add_restore_command(CLI::App& app, PressCommand& command);
void add_signing_key_commands(CLI::App& app, PressCommand& command);
void add_verify_command(CLI::App& app, PressCommand& command);
void add_withdraw_command(CLI::App& app, PressCommand& command);

}  // namespace packyard
