// packyard-press promote
#include <CLI/CLI.hpp>
#include <iostream>

#include "core/durable_file.h"
#include "programs/packyard_press/press_command.h"
#include "programs/packyard_press/report.h"
#include "promote/press_metrics.h"
#include "promote/promoter.h"
#include "promote/store_paths.h"
#include "signer/key_judge.h"

namespace packyard {
namespace {

struct PromoteOptions {
  ScopeOptions scope;
  bool dry_run = false;
  bool allow_older = false;
};

// A key that customers' tools would refuse must not sign a release.
Result<void> refuse_unfit_key(const PressParts& parts) {
  TRY(check_key_is_served(store_paths::public_key(parts.settings), parts.signer.fingerprint()));
  constexpr std::size_t public_keys_bytes_max = 1 << 20;
  TRY_ASSIGN(const std::string keys, read_small_file(store_paths::public_key(parts.settings), public_keys_bytes_max));
  TRY_ASSIGN(const auto verdicts, judge_key(keys, parts.signer.fingerprint(), parts.settings, parts.clock.now()));
  TRY_ASSIGN(const auto expiry, expiry_of_key(keys, parts.signer.fingerprint()));
  PressMetrics(parts.settings, parts.log).signing_key_expires(expiry);
  std::string refusals;
  for (const auto& verdict : verdicts)
    if (verdict.judgement == KeyJudgement::refused) refusals += "\n- " + verdict.target + ": " + verdict.reason;
  if (refusals.empty()) return {};
  return fail(ErrorCode::invalid, "the signing key would be refused by customers (packyard signing-key check):" + refusals);
}

void print_json(const PromotionOutcome& outcome, bool dry_run) {
  std::cout << "{\"release\":" << (outcome.release ? std::to_string(*outcome.release) : "null")
            << ",\"finished_release\":" << (outcome.finished ? std::to_string(*outcome.finished) : "null")
            << ",\"dry_run\":" << (dry_run ? "true" : "false") << ",\"staged_files\":" << outcome.staged_files
            << ",\"changes\":" << changes_as_json(outcome.changes) << ",\"findings\":" << findings_as_json(outcome.findings)
            << "}\n";
}

void print_text(const PromotionOutcome& outcome, bool dry_run) {
  if (outcome.finished) std::cout << "finished release " << *outcome.finished << ", which an interrupted command had prepared\n";
  if (!outcome.findings.empty()) {
    std::cerr << "packyard-press: refused, nothing was " << (dry_run ? "or would be published" : "published")
              << ", staged files stay where they are:\n"
              << findings_as_text(outcome.findings);
    return;
  }
  std::cout << changes_as_text(outcome.changes);
  if (dry_run)
    std::cout << (outcome.changes.empty() ? "nothing would change\n" : "nothing was published: this was a dry run\n");
  else if (outcome.release)
    std::cout << "release " << *outcome.release << " is live\n";
  else
    std::cout << "nothing new in staging\n";
}

Result<PromotionOutcome> attempt(const Settings& settings, const PressCommand& command, const PromotionRequest& request) {
  const bool publishes = request.mode == PromotionMode::publish;
  const auto signing = publishes ? OpenedPress::Signing::needed : OpenedPress::Signing::not_needed;
  TRY_ASSIGN(const auto press, OpenedPress::open(settings, command, signing));
  if (publishes) TRY(refuse_unfit_key(press->parts()));
  return Promoter(press->parts()).promote(request);
}

// Who only found the store taken has nothing to tell: the other command will.
void tell_metrics(const Settings& settings, const Result<PromotionOutcome>& outcome) {
  if (!outcome && outcome.error().code == ErrorCode::conflict) return;
  const bool succeeded = outcome && outcome->findings.empty();
  PressMetrics(settings, Log(LogLevel::warning))
      .promotion_finished(SystemClock().now(), succeeded ? PromotionResult::succeeded : PromotionResult::failed);
}

Result<ExitCode> run(const Settings& settings, const PressCommand& command, const PromoteOptions& options) {
  PromotionRequest request;
  TRY_ASSIGN(request.scope, options.scope.parse());
  request.mode = options.dry_run ? PromotionMode::dry_run : PromotionMode::publish;
  request.older = options.allow_older ? OlderVersions::allowed : OlderVersions::refused;
  const auto attempted = attempt(settings, command, request);
  if (!options.dry_run) tell_metrics(settings, attempted);
  TRY_ASSIGN(const auto outcome, attempted);
  if (command.json)
    print_json(outcome, options.dry_run);
  else
    print_text(outcome, options.dry_run);
  return outcome.findings.empty() ? ExitCode::done : ExitCode::refused;
}

}  // namespace

void add_promote_command(CLI::App& app, PressCommand& command) {
  auto* promote = app.add_subcommand("promote", "check, sign and publish what is staged, with one switch");
  const auto options = std::make_shared<PromoteOptions>();
  add_scope_options(*promote, options->scope);
  promote->add_flag("--dry-run", options->dry_run, "show what would be added, upgraded and removed; change nothing");
  promote->add_flag("--allow-older", options->allow_older, "also publish versions older than the newest listed one");
  add_json_option(*promote, command);
  promote->callback([&command, options] {
    command.run = [&command, options](const Settings& settings) { return run(settings, command, *options); };
  });
}

}  // namespace packyard
