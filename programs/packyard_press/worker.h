// packyard-press promote --worker: takes queued promotions one at a time until SIGTERM or SIGINT. Itself it holds no key and no
// part of the release store: each promotion is a process of its own (programs/packyard_press/promotion_process.h).
#pragma once

#include <chrono>
#include <string>

#include "core/result.h"
#include "core/settings.h"
#include "programs/packyard_press/press_command.h"

namespace packyard {

struct WorkerOptions {
  std::string settings_file;
  std::chrono::seconds grace{45};  // for the running promotion, once the worker is to end
};

// conflict when another worker runs.
Result<ExitCode> run_worker(const Settings& settings, const WorkerOptions& options);

}  // namespace packyard
