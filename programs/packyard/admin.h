// `packyard admin`: serves the admin API that makes, lists and revokes subscriber keys, until SIGTERM.
#pragma once

#include <string>

#include "programs/packyard/command_line.h"

namespace packyard {

ExitCode run_admin(const std::string& settings_file, const Environment& environment);

}  // namespace packyard
