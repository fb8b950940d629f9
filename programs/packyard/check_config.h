// `packyard check-config`: loads the settings as every start does and prints what is in force, without secrets.
#pragma once

#include <string>

#include "programs/packyard/command_line.h"

namespace packyard {

ExitCode check_config(const std::string& settings_file, const Environment& environment);

}  // namespace packyard
