#include "programs/packyard_press/ending_signals.h"

namespace packyard {

EndingSignals::EndingSignals() {
  sigemptyset(&set_);
  for (const int number : {SIGTERM, SIGINT, SIGCHLD}) sigaddset(&set_, number);
  sigprocmask(SIG_BLOCK, &set_, &before_);
}

void EndingSignals::wait(std::chrono::milliseconds longest) {
  if (longest.count() < 0) longest = {};
  const timespec time{.tv_sec = longest.count() / 1000, .tv_nsec = longest.count() % 1000 * 1'000'000};
  const int number = sigtimedwait(&set_, nullptr, &time);
  if (number == SIGTERM || number == SIGINT) have_come_ = true;
}

}  // namespace packyard
