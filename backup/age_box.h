// AgeBox: files encrypted to recipients and opened with an identity, by the program `age` (Debian package age, format
// age-encryption.org/v1), which is started with a deadline. Nothing secret goes into an argument list: recipients are public, an
// identity is named by its file. Fails as: unavailable (age cannot be run), invalid (a recipient or identity that age refuses, or
// that opens nothing), corrupt (what is opened was changed). Leaves no half a file. One thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/command_runner.h"
#include "core/result.h"

namespace packyard {

class AgeBox {
 public:
  explicit AgeBox(CommandRunner& runner) : runner_(runner) {}
  Result<void> seal(const std::vector<std::string>& recipients, const std::filesystem::path& from,
                    const std::filesystem::path& to);
  Result<void> open(const std::filesystem::path& identity, const std::filesystem::path& from, const std::filesystem::path& to);

 private:
  Result<CommandOutcome> run(std::vector<std::string> arguments, const std::filesystem::path& to);
  CommandRunner& runner_;
};

}  // namespace packyard
