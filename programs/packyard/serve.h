// `packyard serve`: gate and admin API in one process, for one machine, until SIGTERM.
#pragma once

#include <string>

#include "programs/packyard/command_line.h"

namespace packyard {

ExitCode run_serve(const std::string& settings_file, const Environment& environment);

}  // namespace packyard
