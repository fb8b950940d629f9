// packyard health gate|admin: asks the service of the same settings, on this machine, whether it is well. For health checks of
// containers, which then need no other program.
#pragma once

#include <string>

#include "core/environment.h"
#include "programs/packyard/command_line.h"

namespace packyard {

// done when the service answers that it can do its work; failed when it says no, or nothing within 2 s.
ExitCode run_health(const std::string& service, const std::string& settings_file, const Environment& environment);

}  // namespace packyard
