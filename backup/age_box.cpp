#include "backup/age_box.h"

#include <unistd.h>

#include "core/log.h"

namespace packyard {
namespace {

constexpr std::chrono::minutes deadline{30};
constexpr std::size_t words_bytes_max = 500;

// What age said, without its advice to report bugs.
std::string words_of(const CommandOutcome& outcome) {
  std::string_view text = outcome.errors;
  text = text.substr(0, text.find("\nage: report"));
  while (text.ends_with('\n')) text.remove_suffix(1);
  return escape_for_log(text, words_bytes_max);
}

}  // namespace

Result<CommandOutcome> AgeBox::run(std::vector<std::string> arguments, const std::filesystem::path& to) {
  Command command;
  command.arguments = std::move(arguments);
  command.deadline = deadline;
  auto outcome = runner_.run(command);
  if (outcome && outcome->exit_status == 0) return outcome;
  unlink(to.c_str());
  if (outcome) return outcome;
  if (outcome.error().code == ErrorCode::not_found)
    return fail(ErrorCode::unavailable, "the program age is not installed: apt install age");
  return fail(ErrorCode::unavailable, outcome.error().message);
}

Result<void> AgeBox::seal(const std::vector<std::string>& recipients, const std::filesystem::path& from,
                          const std::filesystem::path& to) {
  std::vector<std::string> arguments = {"age", "--encrypt"};
  for (const std::string& recipient : recipients) arguments.insert(arguments.end(), {"--recipient", recipient});
  arguments.insert(arguments.end(), {"--output", to.string(), from.string()});
  TRY_ASSIGN(const auto outcome, run(std::move(arguments), to));
  if (outcome.exit_status == 0) return {};
  return fail(ErrorCode::invalid, "encrypting to backup.recipients: " + words_of(outcome));
}

Result<void> AgeBox::open(const std::filesystem::path& identity, const std::filesystem::path& from,
                          const std::filesystem::path& to) {
  TRY_ASSIGN(const auto outcome,
             run({"age", "--decrypt", "--identity", identity.string(), "--output", to.string(), from.string()}, to));
  if (outcome.exit_status == 0) return {};
  // age tells these apart by words alone.
  const bool is_damaged = outcome.errors.find("failed to decrypt and authenticate") != std::string::npos ||
                          outcome.errors.find("failed to read header") != std::string::npos ||
                          outcome.errors.find("bad header MAC") != std::string::npos ||
                          outcome.errors.find("unexpected EOF") != std::string::npos;
  return fail(is_damaged ? ErrorCode::corrupt : ErrorCode::invalid,
              "opening it with the identity " + identity.string() + ": " + words_of(outcome));
}

}  // namespace packyard
