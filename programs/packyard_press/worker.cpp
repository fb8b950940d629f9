#include "programs/packyard_press/worker.h"

#include "programs/packyard_press/ending_signals.h"
#include "programs/packyard_press/promotion_process.h"
#include "promote/press_metrics.h"
#include "promote/promotion_worker.h"

namespace packyard {
namespace {

constexpr std::chrono::milliseconds idle_pause{1000};      // how late a new request may be seen
constexpr std::chrono::milliseconds taken_pause{5000};     // another command holds the store
constexpr std::chrono::milliseconds failure_pause{10000};  // the queue cannot be read or written

LogLevel level_of(const Settings& settings) {
  if (settings.log.level == "debug") return LogLevel::debug;
  if (settings.log.level == "warning") return LogLevel::warning;
  return settings.log.level == "error" ? LogLevel::error : LogLevel::info;
}

std::chrono::milliseconds pause_after(const Result<WorkerTurn>& turn) {
  if (!turn) return failure_pause;
  switch (*turn) {
    case WorkerTurn::worked: return {};
    case WorkerTurn::postponed: return taken_pause;
    case WorkerTurn::idle: break;
  }
  return idle_pause;
}

}  // namespace

Result<ExitCode> run_worker(const Settings& settings, const WorkerOptions& options) {
  using SteadyClock = std::chrono::steady_clock;
  const Log log(level_of(settings));
  EndingSignals signals;
  PromotionQueue queue(settings.worker.queue);
  TRY_ASSIGN(const FileLock lock, queue.become_worker());
  TRY(queue.sweep_reports());
  SystemClock clock;
  PromotionProcess process(options.settings_file, signals, {.grace = options.grace});
  const PressMetrics metrics(settings, log);
  PromotionWorker worker({queue, clock, log, [&](PromotionId id) { return process.run(id); },
                          [&] { metrics.promotion_finished(clock.now(), PromotionResult::failed); }});
  log.info("worker_ready", {{"queue", settings.worker.queue.string()}});
  while (!signals.have_come()) {
    const auto turn = worker.take_turn();
    if (!turn) log.error("worker_queue_failed", {{"error", turn.error().message}});
    const auto until = SteadyClock::now() + pause_after(turn);
    do {
      signals.wait(std::chrono::duration_cast<std::chrono::milliseconds>(until - SteadyClock::now()));
    } while (!signals.have_come() && SteadyClock::now() < until);
  }
  log.info("worker_stopped");
  return ExitCode::done;
}

}  // namespace packyard
