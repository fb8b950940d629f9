// packyard keys create|list|show|usage|change|rotate|suspend|resume|revoke|check|export|import|create-many: subscriber keys from
// the command line, over the admin API.
#pragma once

#include <string>
#include <vector>

#include "programs/packyard/command_line.h"

namespace packyard {

// Arguments after "keys". A new key is printed once, alone on standard output (or inside --json); the rest goes to standard
// error. Refused when the admin says no; failed when it cannot be asked, or cannot do it now.
ExitCode run_keys(const std::vector<std::string>& arguments);

}  // namespace packyard
