#include "programs/packyard/promote_queue.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <thread>

#include "admin/admin_client.h"
#include "admin/admin_token.h"
#include "admin/key_json.h"
#include "admin/promotion_fields.h"
#include "core/json_document.h"
#include "core/log.h"
#include "programs/packyard/promotion_output.h"
#include "storage/promotion_json.h"

namespace packyard {
namespace {

constexpr const char* exit_codes_of_queue =
    "Exit codes: 0 queued, and with --wait: published, or nothing new; 1 refused: by the admin, or what is staged is wrong; 2 "
    "wrong options;\n"
    "3 the promotion failed, the admin cannot be reached, or the time to wait is over (it goes on; ask for its id again)";

constexpr std::chrono::milliseconds poll_pause{500};
constexpr int failed_polls_max = 20;  // an admin that restarts is waited for
constexpr std::string_view path = "/api/v1/promotions";

struct Options {
  std::string admin_url = "http://127.0.0.1:8088";
  std::string token_file;
  std::string component, year, format, target;
  bool dry_run = false, wait = false, json = false;
  unsigned wait_seconds = 4 * 3600;
};

ExitCode complain(const std::string& message, ExitCode status) {
  std::fprintf(stderr, "packyard promote --queue: %s\n", message.c_str());
  return status;
}

ExitCode complain(const Error& error) {
  return complain(error.message, error.code == ErrorCode::unavailable ? ExitCode::failed : ExitCode::refused);
}

ExitCode explain_refusal(const AdminAnswer& answer) {
  const auto error = parse_error_view(answer.body);
  if (!error) return complain(error.error().message + " (status " + std::to_string(answer.status) + ")", ExitCode::refused);
  const bool is_later = answer.status >= 500 || answer.status == 429;
  return complain(escape_for_log(error->message, 1000) + " (" + escape_for_log(error->code) + ")",
                  is_later ? ExitCode::failed : ExitCode::refused);
}

bool print(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

// Of an answer that holds a promotion.
Result<PromotionRecord> record_of(const AdminAnswer& answer) {
  auto record = parse_promotion(answer.body);
  if (!record) return fail(record.error().in("reading the admin's answer (is packyard admin listening there?)"));
  return record;
}

bool has_worker(const AdminAnswer& answer) {
  const auto object = parse_json(answer.body);
  const JsonNode* const node = object ? object->find("worker_running") : nullptr;
  return node == nullptr || node->is_true;
}

void tell_without_worker() {
  std::fputs("no worker runs (packyard promote --worker): the promotion waits until one does\n", stderr);
}

ExitCode show_end(const AdminAnswer& answer, const PromotionRecord& record, const Options& options) {
  const ExitCode status = exit_code_of(record.report);
  if (options.json) return print(answer.body) ? status : complain("writing to standard output failed", ExitCode::failed);
  const bool printed = print(described_changes(record));
  std::fputs(described_problems(record).c_str(), stderr);
  return printed ? status : complain("writing to standard output failed", ExitCode::failed);
}

// Asks again and again until it has ended.
ExitCode wait_for_end(const AdminClient& client, PromotionId id, const Options& options) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(options.wait_seconds);
  StepOutput steps;
  bool told_without_worker = false;
  for (int failed_polls = 0; std::chrono::steady_clock::now() < deadline; std::this_thread::sleep_for(poll_pause)) {
    const auto answer = client.send("GET", std::string(path) + "/" + id.text());
    const bool is_away = !answer || answer->status >= 500;
    if (is_away && ++failed_polls < failed_polls_max) continue;
    if (!answer) return complain(answer.error());
    if (answer->status != 200) return explain_refusal(*answer);
    failed_polls = 0;
    const auto record = record_of(*answer);
    if (!record) return complain(record.error());
    if (!options.json) std::fputs(steps.news(*record).c_str(), stderr);
    if (is_final(record->report.state)) return show_end(*answer, *record, options);
    if (!has_worker(*answer) && !told_without_worker) {
      tell_without_worker();
      told_without_worker = true;
    }
  }
  return complain("waited " + std::to_string(options.wait_seconds) + " seconds for " + id.text() + ", which goes on: GET " +
                      std::string(path) + "/" + id.text() + " shows it",
                  ExitCode::failed);
}

ExitCode ask(const Options& options) {
  auto client = AdminClient::make(options.admin_url);
  if (!client) return complain(client.error().message, ExitCode::usage);
  if (!options.token_file.empty()) {
    auto token = read_admin_token(options.token_file);
    if (!token) return complain(token.error().message, ExitCode::refused);
    client->authenticate(std::move(*token));
  }
  const auto given = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  const PromotionFields fields{given(options.component), given(options.year), given(options.format), given(options.target),
                               options.dry_run ? PromotionMode::dry_run : PromotionMode::publish};
  const auto answer = client->send("POST", path, promotion_fields_json(fields));
  if (!answer) return complain(answer.error());
  if (answer->status != 202) return explain_refusal(*answer);
  const auto record = record_of(*answer);
  if (!record) return complain(record.error());
  if (options.wait) {
    if (!options.json) std::fprintf(stderr, "queued as %s\n", record->order.id.text().c_str());
    return wait_for_end(*client, record->order.id, options);
  }
  if (!print(options.json ? answer->body : record->order.id.text() + "\n"))
    return complain("writing to standard output failed; it is queued as " + record->order.id.text(), ExitCode::failed);
  if (!options.json && !has_worker(*answer)) tell_without_worker();
  return ExitCode::done;
}

}  // namespace

bool means_queue(int count, char** arguments) {
  if (count < 2 || std::string_view(arguments[1]) != "promote") return false;
  for (int i = 2; i < count; ++i)
    if (std::string_view(arguments[i]) == "--queue") return true;
  return false;
}

ExitCode run_promote_queue(const std::vector<std::string>& arguments) {
  CLI::App app("Asks the admin API for a promotion of what is staged; the worker (packyard promote --worker) carries it out.",
               "packyard promote");
  Options options;
  bool queue = false;
  app.add_flag("--queue", queue, "put it into the queue instead of promoting here")->required();
  app.add_option("--component", options.component, "only this component");
  app.add_option("--year", options.year, "only this year");
  app.add_option("--format", options.format, "only this format: rpm, deb or oci");
  app.add_option("--target", options.target, "only this target: os-arch, suite or image");
  app.add_flag("--dry-run", options.dry_run, "show what would be added, upgraded and removed; change nothing");
  CLI::Option* const wait = app.add_flag("--wait", options.wait, "wait for its end, show its steps and what came of it");
  app.add_option("--wait-seconds", options.wait_seconds, "the longest wait")
      ->needs(wait)
      ->check(CLI::Range(1, 7 * 86400))
      ->capture_default_str();
  app.add_flag("--json", options.json, "print the admin's last answer as it is, no progress");
  app.add_option("--admin", options.admin_url, "address of the admin API")->capture_default_str();
  app.add_option("--token-file", options.token_file, "file with the admin token, where the admin asks for one")
      ->envname("PACKYARD_ADMIN_TOKEN_FILE");
  app.footer(exit_codes_of_queue);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitCode::done : ExitCode::usage;
  }
  return ask(options);
}

}  // namespace packyard
