#include "programs/packyard/command_line.h"

#include <cstdio>

namespace packyard {

std::string settings_file_from(const std::string& option, const Environment& environment) {
  if (!option.empty()) return option;
  const auto variable = environment.find("PACKYARD_CONFIG");
  return variable != environment.end() && !variable->second.empty() ? variable->second : "config/packyard.yml";
}

LogLevel log_level_from(const Settings& settings) {
  if (settings.log.level == "debug") return LogLevel::debug;
  if (settings.log.level == "warning") return LogLevel::warning;
  if (settings.log.level == "error") return LogLevel::error;
  return LogLevel::info;
}

ExitCode report(const Error& error) {
  std::fprintf(stderr, "packyard: %s\n", error.message.c_str());
  const bool is_refusal =
      error.code == ErrorCode::invalid || error.code == ErrorCode::not_found || error.code == ErrorCode::conflict;
  return is_refusal ? ExitCode::refused : ExitCode::failed;
}

}  // namespace packyard
