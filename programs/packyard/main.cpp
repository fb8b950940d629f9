// packyard: the gate, the admin API and their command line. Main is the list of parts; each subcommand has its wiring file.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "core/environment.h"
#include "programs/packyard/admin.h"
#include "programs/packyard/audit.h"
#include "programs/packyard/check_config.h"
#include "programs/packyard/gate.h"
#include "programs/packyard/harden_process.h"
#include "programs/packyard/health.h"
#include "programs/packyard/keys.h"
#include "programs/packyard/promote_queue.h"
#include "programs/packyard/serve.h"
#include "programs/packyard/start_press.h"

namespace {

using packyard::ExitCode;

int run(int count, char** arguments) {
  if (const auto hardened = packyard::harden_process(); !hardened) return static_cast<int>(packyard::report(hardened.error()));
  const packyard::Environment environment = packyard::read_environment();
  CLI::App app{"packyard: delivers paid packages to subscribers with the tools they have"};
  app.set_version_flag("--version", PACKYARD_VERSION);
  app.require_subcommand(1);
  app.footer(std::string("Also: promote, release, withdraw, verify, signing-key, backup, restore (packyard-press; ask each for --help)\n") +
             packyard::exit_codes_help);
  ExitCode result = ExitCode::usage;
  std::string config;
  const auto add = [&](const char* name, const char* description, auto&& act) {
    CLI::App* command = app.add_subcommand(name, description);
    command->add_option("--config", config, "settings file (default: PACKYARD_CONFIG, else config/packyard.yml)");
    command->footer(packyard::exit_codes_help);
    command->callback([&result, act] { result = act(); });
    return command;
  };
  add("admin", "serve the admin API that makes and revokes keys",
      [&] { return packyard::run_admin(packyard::settings_file_from(config, environment), environment); });
  CLI::App* const keys = app.add_subcommand("keys", "make, list, change, rotate and revoke keys over the admin API")->prefix_command();
  keys->set_help_flag();  // its own verbs have their own help
  keys->callback([&result, keys] { result = packyard::run_keys(keys->remaining()); });
  CLI::App* const audit = app.add_subcommand("audit", "show and verify the log of every change: keys and releases")->prefix_command();
  audit->set_help_flag();
  audit->callback([&] { result = packyard::run_audit(audit->remaining(), environment); });
  add("check-config", "check the settings and print what is in force, without secrets",
      [&] { return packyard::check_config(packyard::settings_file_from(config, environment), environment); });
  add("gate", "answer proxies whether a subscriber's request may pass",
      [&] { return packyard::run_gate(packyard::settings_file_from(config, environment), environment); });
  std::string service;
  add("health", "ask the gate or the admin of these settings whether it is well",
      [&] { return packyard::run_health(service, packyard::settings_file_from(config, environment), environment); })
      ->add_option("service", service, "gate or admin")
      ->required()
      ->check(CLI::IsMember({"gate", "admin"}));
  add("serve", "gate and admin in one process, for one machine",
      [&] { return packyard::run_serve(packyard::settings_file_from(config, environment), environment); });
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? static_cast<int>(ExitCode::done) : static_cast<int>(ExitCode::usage);
  }
  return static_cast<int>(result);
}

int run_queue(int count, char** arguments) {
  if (const auto hardened = packyard::harden_process(); !hardened) return static_cast<int>(packyard::report(hardened.error()));
  return static_cast<int>(packyard::run_promote_queue({arguments + 2, arguments + count}));
}

}  // namespace

int main(int count, char** arguments) {
  const bool is_queue = packyard::means_queue(count, arguments);
  if (!is_queue && count > 1 && packyard::is_press_command(arguments[1])) return packyard::start_press(arguments);
  try {
    if (is_queue) return run_queue(count, arguments);
    return run(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "packyard: %s\n", error.what());
    return static_cast<int>(ExitCode::failed);
  }
}
