// packyard-press signing-key check | export | new-cosign
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "core/clock.h"
#include "core/durable_file.h"
#include "core/json_text.h"
#include "programs/packyard_press/image_key_command.h"
#include "programs/packyard_press/press_command.h"
#include "programs/packyard_press/report.h"
#include "promote/store_paths.h"
#include "signer/gpg_signer.h"
#include "signer/key_judge.h"

namespace packyard {
namespace {

constexpr std::size_t key_bytes_max = 4 * 1024 * 1024;

struct SigningKeyOptions {
  std::string public_key;  // check: judge this file instead of the signing key
  std::string output;      // export
};

struct Judged {
  std::string fingerprint;
  std::vector<KeyVerdict> verdicts;
  std::string served_problem;               // empty: the served lts.asc has the key
  std::optional<JudgedImageKey> image_key;  // absent when a file is judged
};

// The copy customers get decides: an extended expiry helps nobody who fetches the old key.
Result<Judged> judge_signing_key(const Settings& settings, Timestamp now) {
  Judged judged;
  judged.image_key = judge_image_key(settings);
  TRY_ASSIGN(const auto signer, open_signer(settings.signing));
  TRY_ASSIGN(const std::string own, signer->public_key());
  judged.fingerprint = signer->fingerprint();
  TRY_ASSIGN(judged.verdicts, judge_key(own, judged.fingerprint, settings, now));
  const auto served_file = store_paths::public_key(settings);
  if (const auto served = check_key_is_served(served_file, judged.fingerprint); !served) {
    judged.served_problem = served.error().message;
    return judged;
  }
  TRY_ASSIGN(const std::string served, read_small_file(served_file, key_bytes_max));
  TRY_ASSIGN(auto verdicts, judge_key(served, judged.fingerprint, settings, now));
  for (KeyVerdict& verdict : verdicts) {
    const auto same = [&](const KeyVerdict& other) { return other.target == verdict.target && other.reason == verdict.reason; };
    if (verdict.judgement == KeyJudgement::good || std::ranges::any_of(judged.verdicts, same)) continue;
    verdict.reason = "in the served lts.asc, " + verdict.reason;
    judged.verdicts.push_back(std::move(verdict));
  }
  return judged;
}

Result<Judged> judge_file(const Settings& settings, const std::string& file, Timestamp now) {
  TRY_ASSIGN(const std::string text, read_small_file(file, key_bytes_max));
  auto verdicts = judge_key(text, "", settings, now);
  if (!verdicts) return fail(verdicts.error().in("judging " + file));
  return Judged{"", std::move(*verdicts), "", std::nullopt};
}

std::string judged_as_json(const Judged& judged) {
  std::string list;
  for (const KeyVerdict& verdict : judged.verdicts)
    list += (list.empty() ? "{\"target\":" : ",{\"target\":") + json_text(verdict.target) +
            ",\"judgement\":" + json_text(to_string(verdict.judgement)) + ",\"reason\":" + json_text(verdict.reason) + "}";
  const std::string image_key = judged.image_key ? ",\"image_key\":" + image_key_as_json(*judged.image_key) : "";
  return "{\"fingerprint\":" + json_text(judged.fingerprint) +
         ",\"served\":" + (judged.served_problem.empty() ? "true" : "false") + ",\"targets\":[" + list + "]" + image_key + "}\n";
}

Result<ExitCode> check(const Settings& settings, const PressCommand& command, const SigningKeyOptions& options) {
  const Timestamp now = SystemClock().now();
  TRY_ASSIGN(const Judged judged,
             options.public_key.empty() ? judge_signing_key(settings, now) : judge_file(settings, options.public_key, now));
  if (command.json) {
    std::cout << judged_as_json(judged);
  } else {
    if (!judged.fingerprint.empty()) std::cout << "signing key " << judged.fingerprint << "\n";
    for (const KeyVerdict& verdict : judged.verdicts)
      std::cout << verdict.target << ": " << to_string(verdict.judgement) << ": " << verdict.reason << "\n";
    if (!judged.served_problem.empty()) std::cout << "refused: " << judged.served_problem << "\n";
    if (judged.image_key) std::cout << image_key_as_text(*judged.image_key);
  }
  const bool refused =
      std::ranges::any_of(judged.verdicts, [](const KeyVerdict& verdict) { return verdict.judgement == KeyJudgement::refused; });
  const bool image_key_refused = judged.image_key && !judged.image_key->problem.empty();
  return refused || image_key_refused || !judged.served_problem.empty() ? ExitCode::refused : ExitCode::done;
}

Result<ExitCode> export_key(const Settings& settings, const SigningKeyOptions& options) {
  TRY_ASSIGN(const auto signer, open_signer(settings.signing));
  TRY_ASSIGN(const std::string key, signer->public_key());
  if (options.output.empty())
    std::cout << key;
  else
    TRY(write_file_durably(options.output, key, FileMode::world_readable));
  return ExitCode::done;
}

}  // namespace

void add_signing_key_commands(CLI::App& app, PressCommand& command) {
  auto* signing_key = app.add_subcommand("signing-key", "judge and export the signing key; make an image key");
  signing_key->require_subcommand(1);
  const auto options = std::make_shared<SigningKeyOptions>();
  auto* check_command =
      signing_key->add_subcommand("check", "what each target's clients say to the signing key, and the image key");
  check_command->add_option("--public-key", options->public_key, "judge this armored public key instead; needs no secrets");
  add_json_option(*check_command, command);
  check_command->callback([&command, options] {
    command.run = [&command, options](const Settings& settings) { return check(settings, command, *options); };
  });
  add_new_cosign_command(*signing_key, command);
  auto* export_command = signing_key->add_subcommand("export", "print the public key that customers need (lts.asc)");
  export_command->add_option("--output", options->output, "write it to this file instead");
  export_command->callback(
      [&command, options] { command.run = [options](const Settings& settings) { return export_key(settings, *options); }; });
}

}  // namespace packyard
