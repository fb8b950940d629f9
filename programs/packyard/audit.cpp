#include "programs/packyard/audit.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <deque>
#include <optional>

#include "core/json_text.h"
#include "core/log.h"
#include "core/settings_file.h"
#include "storage/audit_verifier.h"

namespace packyard {
namespace {

constexpr const char* exit_codes_of_audit =
    "Exit codes: 0 done, and every log is whole; 1 a line is changed, missing or out of order (it is named), or there is no log;\n"
    "2 wrong options; 3 a log cannot be read";

constexpr const char* about_heads =
    "A head is where a log stands, written N:HASH: the newest line's sequence and hash. Keep it on another machine now and then (the\n"
    "admin logs it with every line, as \"audit_written\"): only with it is a log found that was written anew, or removed, as a whole.\n";

struct Options {
  std::string config, log, expected, object;
  std::size_t count = 50;
  bool json = false;
};

struct NamedLog {
  const char* name;
  AuditFiles files;
};

Result<std::vector<NamedLog>> logs_of(const Options& options, const Environment& environment) {
  const auto settings = load_settings(settings_file_from(options.config, environment), environment);
  if (!settings) return fail(settings.error());
  std::vector<NamedLog> logs{{"admin", AuditFiles::of_admin(settings->storage.state)},
                             {"press", AuditFiles::of_press(settings->storage.state)}};
  std::erase_if(logs, [&](const NamedLog& log) { return !options.log.empty() && options.log != log.name; });
  return logs;
}

// From outside as far as a line may have been changed: nothing in it steers a terminal.
std::string remark_text(const char* log, const char* kind, const AuditRemark& remark) {
  return std::string(log) + ": line " + std::to_string(remark.line) + " (sequence " + std::to_string(remark.sequence) + "): " + kind +
         escape_for_log(remark.text, 1000) + "\n";
}

std::string remarks_json(const std::vector<AuditRemark>& remarks) {
  std::string text;
  for (const AuditRemark& remark : remarks)
    text += (text.empty() ? "" : ",") + ("{\"line\":" + std::to_string(remark.line)) + ",\"sequence\":" + std::to_string(remark.sequence) +
            ",\"text\":" + json_text(std::string_view(remark.text)) + "}";
  return "[" + text + "]";
}

void print_report(const char* log, const AuditReport& report, const Options& options) {
  if (options.json) {
    std::printf("{\"log\":\"%s\",\"lines\":%llu,\"head\":\"%s\",\"findings\":%s,\"notes\":%s}\n", log,
                static_cast<unsigned long long>(report.lines), report.newest.text().c_str(), remarks_json(report.findings).c_str(),
                remarks_json(report.notes).c_str());
    return;
  }
  for (const AuditRemark& note : report.notes) std::fputs(remark_text(log, "note: ", note).c_str(), stdout);
  for (const AuditRemark& finding : report.findings) std::fputs(remark_text(log, "", finding).c_str(), stdout);
  if (report.findings.empty())
    std::printf("%s: whole, %llu lines, head %s\n", log, static_cast<unsigned long long>(report.lines), report.newest.text().c_str());
}

// No fault as such: the two are written by two programs, which may have states of their own.
void print_absent(const NamedLog& log, const Options& options) {
  if (options.json)
    std::printf("{\"log\":\"%s\",\"lines\":0,\"head\":null,\"findings\":[],\"notes\":[]}\n", log.name);
  else
    std::printf("%s: there is no log here, %s\n", log.name, log.files.log.c_str());
}

ExitCode verify(const std::vector<NamedLog>& logs, const std::optional<AuditHead>& expected, const Options& options) {
  ExitCode result = ExitCode::done;
  bool is_any_there = false;
  for (const NamedLog& log : logs) {
    const auto report_of_log = verify_audit_log(log.files, expected);
    if (!report_of_log && report_of_log.error().code == ErrorCode::not_found) {
      print_absent(log, options);
      continue;
    }
    if (!report_of_log) return report(report_of_log.error());
    is_any_there = true;
    print_report(log.name, *report_of_log, options);
    if (!report_of_log->findings.empty()) result = ExitCode::refused;
  }
  if (is_any_there) return result;
  return report(Error{ErrorCode::not_found, "verifying the audit log: there is none at " + logs.front().files.log.string() +
                                                "; unless nothing was ever changed, it was removed"});
}

// Names and texts were escaped when the line was written, and the line is whole.
std::string line_text(const char* log, const AuditLine& line) {
  const AuditEntry& entry = line.entry;
  std::string text = line.time.rfc3339() + " " + log + " " + std::to_string(line.head.sequence) + " " + escape_for_log(entry.actor, 200) +
                     " (" + escape_for_log(entry.address, 200) + ") " + escape_for_log(entry.action, 200) + " " +
                     escape_for_log(entry.object, 200);
  if (line.outcome != AuditOutcome::done) text += ": " + std::string(to_string(line.outcome)) + " " + escape_for_log(entry.after, 2000);
  return text + "\n";
}

ExitCode show(const std::vector<NamedLog>& logs, const Options& options) {
  struct Shown {
    Timestamp time;
    std::string text;
  };
  std::vector<Shown> all;
  for (const NamedLog& log : logs) {
    std::deque<Shown> newest;
    const auto read = verify_audit_log(log.files, {}, [&](const AuditLine& line, std::string_view text) {
      if (!options.object.empty() && options.object != line.entry.object) return;
      newest.push_back({line.time, options.json ? std::string(text) + "\n" : line_text(log.name, line)});
      if (newest.size() > options.count) newest.pop_front();
    });
    if (!read && read.error().code == ErrorCode::not_found) continue;
    if (!read) return report(read.error());
    if (!read->findings.empty())
      std::fprintf(stderr, "packyard: the %s log is not whole: packyard audit verify says where\n", log.name);
    all.insert(all.end(), newest.begin(), newest.end());
  }
  std::ranges::stable_sort(all, {}, [](const Shown& line) { return line.time.seconds; });
  for (std::size_t i = all.size() - std::min(all.size(), options.count); i < all.size(); ++i) std::fputs(all[i].text.c_str(), stdout);
  return ExitCode::done;
}

ExitCode run(const Options& options, bool is_verification, const Environment& environment) {
  const auto logs = logs_of(options, environment);
  if (!logs) return report(logs.error());
  std::optional<AuditHead> expected;
  if (!options.expected.empty()) {
    const auto head = AuditHead::parse(options.expected);
    if (!head) return report(head.error().in("reading --expect"));
    expected = *head;
  }
  return is_verification ? verify(*logs, expected, options) : show(*logs, options);
}

}  // namespace

ExitCode run_audit(const std::vector<std::string>& arguments, const Environment& environment) {
  CLI::App app("The audit logs: every change of keys (admin) and of releases (press), a line each.", "packyard audit");
  Options options;
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(exit_codes_of_audit);
  app.add_option("--config", options.config, "settings file (default: PACKYARD_CONFIG, else config/packyard.yml)");
  auto* const log = app.add_option("--log", options.log, "only this one: admin or press")->check(CLI::IsMember({"admin", "press"}));
  app.add_flag("--json", options.json, "JSON, an object on each line");
  auto* const verify = app.add_subcommand("verify", "follow the chain of every line and say where it is broken");
  verify->add_option("--expect", options.expected, "with --log: a head of it that was kept elsewhere, N:HASH")->needs(log);
  verify->footer(std::string(about_heads) + exit_codes_of_audit);
  auto* const show = app.add_subcommand("show", "print the newest lines: who changed what, when and from where");
  show->add_option("--count", options.count, "how many")->check(CLI::Range(1, 1'000'000))->capture_default_str();
  show->add_option("--object", options.object, "only lines about it: key_… or \"release 42\"");
  show->footer(exit_codes_of_audit);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitCode::done : ExitCode::usage;
  }
  return run(options, verify->parsed(), environment);
}

}  // namespace packyard
