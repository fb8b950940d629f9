// Runs a piece of a test in a forked process, for limits and identities that must not touch the test program itself.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include "core/check.h"

namespace packyard {

// The exit status of body() run in a child; 128 + signal when it was killed by one.
template <class Body>
int exit_status_of_child(Body&& body) {
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) _exit(body());
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace packyard
