#include "verify/signature_reader.h"

namespace packyard {
namespace {

constexpr std::size_t clear_bytes_max = 16 * 1024 * 1024;

// "gpgv: BAD signature from …": the line that says why, without the noise around it.
std::string cause(const std::string& errors) {
  std::string last = "gpgv says nothing";
  std::size_t begin = 0;
  while (begin < errors.size()) {
    const std::size_t end = std::min(errors.find('\n', begin), errors.size());
    const std::string line = errors.substr(begin, end - begin);
    begin = end + 1;
    if (line.starts_with("[GNUPG:]") || line.empty()) continue;
    last = line;
    if (line.find("BAD signature") != std::string::npos || line.find("Can't check") != std::string::npos) break;
  }
  return last;
}

// Exactly one good signature by a key that is neither expired nor revoked.
bool is_good(const CommandOutcome& outcome) {
  if (outcome.exit_status != 0) return false;
  const auto has = [&](const char* status) { return outcome.errors.find(std::string("[GNUPG:] ") + status +
                                                                        " ") != std::string::npos; };
  return has("GOODSIG") && has("VALIDSIG") && !has("BADSIG") && !has("ERRSIG") && !has("EXPKEYSIG") && !has("REVKEYSIG") &&
      !has("EXPSIG");
}

}  // namespace

Result<CommandOutcome> SignatureReader::run(std::vector<std::string> arguments, std::size_t output_bytes_max) {
  Command command;
  command.arguments = {"gpgv", "--homedir", keys_.keyring().parent_path().string(), "--keyring", keys_.keyring().string(),
                       "--status-fd", "2"};
  for (auto& argument : arguments) command.arguments.push_back(std::move(argument));
  command.output_bytes_max = output_bytes_max;
  ++checked_;
  TRY_ASSIGN(CommandOutcome outcome, runner_.run(command));
  if (!is_good(outcome))
    return fail(ErrorCode::invalid, "its signature does not verify with the keys in lts.asc: " + cause(outcome.errors));
  return outcome;
}

Result<void> SignatureReader::check_detached(const std::filesystem::path& signature, const std::filesystem::path& signed_file) {
  TRY(run({"--", signature.string(), signed_file.string()}, 1 << 20));
  return {};
}

Result<std::string> SignatureReader::read_clear(const std::filesystem::path& file) {
  TRY_ASSIGN(CommandOutcome outcome, run({"--output", "-", "--", file.string()}, clear_bytes_max));
  return std::move(outcome.output);
}

}  // namespace packyard
