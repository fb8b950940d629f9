// packyard-press promote: what is staged, at once (alone or for a request of the queue), or as the worker of the queue.
#include <CLI/CLI.hpp>
#include <iostream>

#include "core/durable_file.h"
#include "programs/packyard_press/press_command.h"
#include "programs/packyard_press/report.h"
#include "programs/packyard_press/worker.h"
#include "promote/press_metrics.h"
#include "promote/promoter.h"
#include "promote/promotion_reporter.h"
#include "promote/store_paths.h"
#include "signer/key_judge.h"

namespace packyard {
namespace {

struct PromoteOptions {
  ScopeOptions scope;
  bool dry_run = false;
  bool allow_older = false;
  bool worker = false;
  unsigned grace_seconds = 45;
  std::string request_id;  // of the queue, for the worker's own processes
};

constexpr const char* queue_help =
    R"(With a queue: packyard promote --queue [--wait] [--admin URL] [--token-file FILE] … asks the admin API for a promotion (see its own
--help), and packyard promote --worker, wherever the signing keys and the release store are, takes such requests one at a time.
SIGTERM ends the worker: a promotion that runs then has --grace-seconds to end; cut off, it is taken again by the next worker, as
after a crash (three times at most).
)";

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

// One promotion of the queue: what it is about is the order's, how it went is written to its report.
Result<ExitCode> run_request(const Settings& settings, PressCommand& command, const std::string& text) {
  const auto id = PromotionId::parse(text);
  if (!id) return fail(ErrorCode::invalid, "reading --request: an id is written prm_ and a number");
  PromotionQueue queue(settings.worker.queue);
  TRY_ASSIGN(auto record, queue.find(*id));
  if (!record)
    return fail(ErrorCode::not_found, "taking " + id->text() + ": there is no such promotion in " + settings.worker.queue.string());
  if (is_final(record->report.state)) return fail(ErrorCode::invalid, "taking " + id->text() + ": it has ended: " + record->report.reason);
  const SystemClock clock;
  const Log log(LogLevel::warning);
  command.actor = {record->order.requested_by.empty() ? "anyone" : record->order.requested_by, id->text()};
  PromotionReporter reporter(queue, std::move(*record), clock, log);
  command.progress_watcher = [&](const ProgressStep& step) { reporter.tell(step); };
  const PromotionRequest request = reporter.request();
  const auto attempted = attempt(settings, command, request);
  TRY(reporter.finish(attempted));
  const bool is_dry_run = request.mode == PromotionMode::dry_run;
  if (!is_dry_run) tell_metrics(settings, attempted);
  TRY_ASSIGN(const auto outcome, attempted);
  print_text(outcome, is_dry_run);
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
  auto* const worker = promote->add_flag("--worker", options->worker, "take queued promotions one at a time, until SIGTERM");
  promote->add_option("--grace-seconds", options->grace_seconds, "with --worker: time for a running promotion to end after SIGTERM")
      ->needs(worker)
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  auto* const request = promote->add_option("--request", options->request_id, "the queued promotion with this id, as --worker starts it");
  request->excludes(worker);
  for (const char* name : {"--component", "--year", "--format", "--target", "--dry-run", "--allow-older", "--json"})
    for (auto* const queued : {worker, request}) queued->excludes(promote->get_option(name));  // the order says it
  promote->footer(queue_help + promote->get_footer());  // its own, then what every command has
  promote->callback([&command, options] {
    command.run = [&command, options](const Settings& settings) -> Result<ExitCode> {
      if (options->worker) return run_worker(settings, {command.settings_file, std::chrono::seconds(options->grace_seconds)});
      if (!options->request_id.empty()) return run_request(settings, command, options->request_id);
      return run(settings, command, *options);
    };
  });
}

}  // namespace packyard
