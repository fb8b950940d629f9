// `packyard promote --queue`: asks the admin API for a promotion, which the worker carries out, and may wait for its end and show
// how it goes. Needs neither signing keys nor the release store: those are the worker's.
#pragma once

#include <string>
#include <vector>

#include "programs/packyard/command_line.h"

namespace packyard {

// Are these the arguments of `packyard promote` that mean the queue?
bool means_queue(int count, char** arguments);
// Without "promote" in front.
ExitCode run_promote_queue(const std::vector<std::string>& arguments);

}  // namespace packyard
