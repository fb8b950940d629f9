// CommandRunner: starts another program with an explicit argument list (no shell), an empty or given environment, a deadline
// and bounded output. Used for gpgv and the like. Secrets never go into arguments. Thread-safe.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/result.h"

namespace packyard {

struct Command {
  std::vector<std::string> arguments;    // [0] is the program, looked up in PATH
  std::vector<std::string> environment;  // NAME=value; PATH and LC_ALL=C are always set
  std::string input;                     // given on standard input
  std::chrono::milliseconds deadline{60'000};
  std::size_t output_bytes_max = 1 << 20;
};

struct CommandOutcome {
  int exit_status = -1;  // 128 + signal when killed by one
  std::string output;
  std::string errors;
};

class CommandRunner {
 public:
  virtual ~CommandRunner() = default;
  // An Error only when the program could not be run, missed its deadline (then killed) or printed too much.
  virtual Result<CommandOutcome> run(const Command& command) = 0;
};

class SystemCommandRunner final : public CommandRunner {
 public:
  Result<CommandOutcome> run(const Command& command) override;
};

}  // namespace packyard
