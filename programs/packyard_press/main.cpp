// packyard-press: the only program with the private signing key. This file is the list of its parts.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <iostream>

#include "core/environment.h"
#include "core/settings_file.h"
#include "programs/packyard_press/press_command.h"

namespace {

using namespace packyard;

constexpr const char* exit_codes =
    R"(Exit codes: 0 done; 1 refused: something staged, asked for or configured is wrong; 2 wrong usage;
3 our own failure, or a disk or program that is unavailable: may work later; 4 another command holds the store.
Settings: --config or PACKYARD_CONFIG, config/packyard.yml by default. Signing key: GPG_PRIVATE_KEY, GPG_PASSPHRASE, GPG_KEY_ID;
image key: COSIGN_PRIVATE_KEY, COSIGN_PASSWORD; each also as …_FILE. backup and restore need none of these keys.)";

// The private key must not reach a core file or another process; what is published must be readable whatever the caller's umask.
void prepare_process() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  umask(0022);
}

Result<Settings> settings_of(const PressCommand& command) {
  std::error_code unknown;
  const bool is_absent = !std::filesystem::exists(command.settings_file, unknown) && !unknown;
  if (is_absent && command.settings_use == SettingsUse::where_there) return Result<Settings>();
  return load_settings(command.settings_file, command.environment);
}

int tell(const Error& error) {
  std::cerr << "packyard-press: " << error.message << "\n";
  return static_cast<int>(exit_code_of(error));
}

}  // namespace

int main(int count, char** arguments) {
  prepare_process();
  const Environment environment = read_environment();
  const auto given = environment.find("PACKYARD_CONFIG");
  PressCommand command;
  command.environment = environment;
  command.settings_file = given == environment.end() ? "config/packyard.yml" : given->second;

  CLI::App app("packyard-press: checks, signs and publishes packages", "packyard-press");
  app.set_version_flag("--version", PACKYARD_VERSION);
  app.add_option("--config", command.settings_file, "settings file");
  app.add_option("--on-behalf-of", command.on_behalf_of, "who asked for this, for the audit log: a person, a pipeline")
      ->envname("PACKYARD_ON_BEHALF_OF");
  app.footer(exit_codes);
  app.require_subcommand(1);
  app.fallthrough();
  add_backup_command(app, command);
  add_promote_command(app, command);
  add_release_commands(app, command);
  add_restore_command(app, command);
  add_signing_key_commands(app, command);
  add_verify_command(app, command);
  add_withdraw_command(app, command);
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? static_cast<int>(ExitCode::done) : static_cast<int>(ExitCode::usage);
  }
  auto actor = local_actor(command.on_behalf_of);
  if (!actor) return tell(actor.error());
  command.actor = std::move(*actor);
  const auto settings = settings_of(command);
  if (!settings) return tell(settings.error());
  const auto outcome = command.run(*settings);
  std::cout.flush();
  return outcome ? static_cast<int>(*outcome) : tell(outcome.error());
}
