// What every subcommand of packyard shares: the settings file, and the exit codes that --help documents.
#pragma once

#include <string>

#include "core/environment.h"
#include "core/log.h"
#include "core/result.h"
#include "core/settings.h"

namespace packyard {

enum class ExitCode : int {
  done = 0,
  refused = 1,  // wrong input or settings; nothing was changed
  usage = 2,    // wrong options
  failed = 3,   // our own failure: full disk, unreadable database, unreachable service
};

inline constexpr const char* exit_codes_help =
    "Exit codes: 0 done; 1 refused (wrong input or settings, nothing changed); 2 wrong options; 3 own failure (try again, see "
    "the message)";

// --config, else PACKYARD_CONFIG, else config/packyard.yml.
std::string settings_file_from(const std::string& option, const Environment& environment);

// log.level of the settings.
LogLevel log_level_from(const Settings& settings);

// Prints "packyard: " and the message on standard error.
ExitCode report(const Error& error);

}  // namespace packyard
