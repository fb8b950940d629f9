// What every subcommand of packyard does first about its own process: no core files, no tracing by other processes of this user
// (keys and peppers are in its memory), new files private, and a closed connection or a file that may not grow is an error of the
// call, not a signal.
#pragma once

#include "core/result.h"

namespace packyard {

Result<void> harden_process();

}  // namespace packyard
