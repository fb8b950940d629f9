// packyard-press withdraw
#include <CLI/CLI.hpp>
#include <iostream>

#include "programs/packyard_press/press_command.h"
#include "programs/packyard_press/report.h"
#include "promote/withdrawal.h"

namespace packyard {
namespace {

struct WithdrawOptions {
  ScopeOptions scope;
  std::string name;
  bool purge = false;
};

Result<ExitCode> run(const Settings& settings, const PressCommand& command, const WithdrawOptions& options) {
  WithdrawalRequest request;
  request.file_name = options.name;
  TRY_ASSIGN(request.scope, options.scope.parse());
  if (options.purge) request.bytes = WithdrawnBytes::purged;
  TRY_ASSIGN(const auto press, OpenedPress::open(settings, command, OpenedPress::Signing::needed));
  TRY_ASSIGN(const auto outcome, withdraw(press->parts(), request));
  if (command.json) {
    std::cout << "{\"release\":" << (outcome.release ? std::to_string(*outcome.release) : "null")
              << ",\"changes\":" << changes_as_json(outcome.changes) << ",\"findings\":" << findings_as_json(outcome.findings)
              << "}\n";
  } else if (!outcome.findings.empty()) {
    std::cerr << "packyard-press: refused, nothing was changed:\n" << findings_as_text(outcome.findings);
  } else {
    std::cout << changes_as_text(outcome.changes) << "release " << *outcome.release << " is live; " << options.name
              << " is listed nowhere and its name is never used again\n"
              << (options.purge
                      ? "Its bytes are gone from the store and the archive; copies that customers or caches hold are not.\n"
                      : "Its bytes stay until retention or --purge removes them.\n");
  }
  return outcome.findings.empty() ? ExitCode::done : ExitCode::refused;
}

}  // namespace

void add_withdraw_command(CLI::App& app, PressCommand& command) {
  auto* withdraw = app.add_subcommand("withdraw", "list a published package no more; its name is never used again");
  const auto options = std::make_shared<WithdrawOptions>();
  withdraw->add_option("name", options->name, "file name as published, like acme_1.0_amd64.deb")->required();
  add_scope_options(*withdraw, options->scope);
  withdraw->add_flag("--purge", options->purge, "also remove its bytes everywhere at once");
  add_json_option(*withdraw, command);
  withdraw->callback([&command, options] {
    command.run = [&command, options](const Settings& settings) { return run(settings, command, *options); };
  });
}

}  // namespace packyard
