// Runs services until SIGTERM or SIGINT, then ends them in order: all drain for a moment, so that proxies see it, then each
// stops. A second signal does not wait for the moment. Call before any other thread is started: the signals are blocked for all.
#pragma once

#include <vector>

#include "core/log.h"
#include "programs/packyard/command_line.h"
#include "programs/packyard/service.h"

namespace packyard {

ExitCode run_services(const std::vector<Service*>& services, const Log& log);

}  // namespace packyard
