// EndingSignals: SIGTERM and SIGINT as something that is waited for, beside the end of started processes (SIGCHLD); blocked for
// the process from construction on, so that none is lost. One per process, made before threads; used on one thread.
#pragma once

#include <signal.h>

#include <chrono>

namespace packyard {

class EndingSignals {
 public:
  EndingSignals();
  EndingSignals(const EndingSignals&) = delete;
  EndingSignals& operator=(const EndingSignals&) = delete;

  // Until one of them comes, a process ends, or the time is over.
  void wait(std::chrono::milliseconds longest);
  bool have_come() const { return have_come_; }  // SIGTERM or SIGINT
  // What was blocked before: for a process that is started.
  const sigset_t& before() const { return before_; }

 private:
  sigset_t set_{}, before_{};
  bool have_come_ = false;
};

}  // namespace packyard
