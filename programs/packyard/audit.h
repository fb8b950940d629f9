// `packyard audit`: shows the audit logs of these settings and says whether they are whole. Reads files only; needs no admin.
#pragma once

#include <string>
#include <vector>

#include "core/environment.h"
#include "programs/packyard/command_line.h"

namespace packyard {

ExitCode run_audit(const std::vector<std::string>& arguments, const Environment& environment);

}  // namespace packyard
