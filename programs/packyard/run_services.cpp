#include "programs/packyard/run_services.h"

#include <malloc.h>
#include <signal.h>

#include <cerrno>
#include <ranges>

namespace packyard {
namespace {

constexpr timespec drain_notice{.tv_sec = 1, .tv_nsec = 0};

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

int wait_for_signal(const sigset_t& signals) {
  int number = 0;
  while (number <= 0) number = sigwaitinfo(&signals, nullptr);
  return number;
}

void stop_all(const std::vector<Service*>& services) {
  for (Service* service : services | std::views::reverse) service->stop();
}

}  // namespace

ExitCode run_services(const std::vector<Service*>& services, const Log& log) {
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  for (Service* service : services) {
    const auto started = service->start();
    if (started) continue;
    stop_all(services);
    return report(started.error());
  }
  malloc_trim(0);  // what the start needed once
  const int number = wait_for_signal(signals);
  log.info("draining", {{"signal", number == SIGINT ? "SIGINT" : "SIGTERM"}});
  for (Service* service : services) service->begin_drain();
  sigtimedwait(&signals, nullptr, &drain_notice);
  stop_all(services);
  log.info("stopped");
  return ExitCode::done;
}

}  // namespace packyard
