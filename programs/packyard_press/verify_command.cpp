// packyard-press verify
#include <CLI/CLI.hpp>
#include <iostream>

#include "core/clock.h"
#include "core/command_runner.h"
#include "programs/packyard_press/press_command.h"
#include "programs/packyard_press/report.h"
#include "programs/packyard_press/verify_request.h"
#include "promote/progress.h"
#include "verify/site_verifier.h"

namespace packyard {
namespace {

struct VerifyOptions {
  std::uint64_t release = 0;
  std::string depth = "full";
};

std::string report_as_json(const VerifyReport& report) {
  return "{\"findings\":" + findings_as_json(report.findings) + ",\"targets\":" + std::to_string(report.targets) +
         ",\"indexes\":" + std::to_string(report.indexes) + ",\"packages\":" + std::to_string(report.packages) +
         ",\"bytes\":" + std::to_string(report.bytes) + ",\"signatures\":" + std::to_string(report.signatures) + "}\n";
}

Result<ExitCode> run(const Settings& settings, const PressCommand& command, const VerifyOptions& options) {
  VerifyRequest request = verify_request_for(settings);
  request.depth = options.depth == "full" ? VerifyDepth::full : VerifyDepth::changed;
  if (options.release != 0) request.release = options.release;
  SystemCommandRunner runner;
  const SystemClock clock;
  auto report = SiteVerifier(runner, clock).verify(request);
  // Exit 1 says that something was found; a tree that could not be read at all is 3.
  if (!report) return fail(ErrorCode::unavailable, report.error().message);
  if (command.json) {
    std::cout << report_as_json(*report);
  } else {
    std::cout << findings_as_text(report->findings) << (report->findings.empty() ? "verified" : "NOT in order") << ": "
              << report->targets << " targets, " << report->indexes << " indexes, " << report->packages << " packages, "
              << report->signatures << " signatures, " << report->bytes << " bytes of packages read, " << report->findings.size()
              << " findings\n";
  }
  return report->findings.empty() ? ExitCode::done : ExitCode::refused;
}

}  // namespace

void add_verify_command(CLI::App& app, PressCommand& command) {
  auto* verify = app.add_subcommand("verify", "read the published tree as a customer would, with public keys only");
  const auto options = std::make_shared<VerifyOptions>();
  verify->add_option("--release", options->release, "this release instead of the live one")->check(CLI::PositiveNumber);
  verify
      ->add_option("--depth", options->depth,
                   "full: every byte, and nothing reachable that no release lists; changed: every index, packages by size")
      ->check(CLI::IsMember({"full", "changed"}));
  add_json_option(*verify, command);
  verify->footer("Exit codes: 0 all is well; 1 something is not, each thing is named; 3 the tree could not be read");
  verify->callback([&command, options] {
    command.run = [&command, options](const Settings& settings) { return run(settings, command, *options); };
  });
}

}  // namespace packyard
