// `packyard gate`: answers proxies whether a subscriber's request may pass, until SIGTERM.
#pragma once

#include <string>

#include "programs/packyard/command_line.h"

namespace packyard {

ExitCode run_gate(const std::string& settings_file, const Environment& environment);

}  // namespace packyard
