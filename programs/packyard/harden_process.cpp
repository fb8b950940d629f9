#include "programs/packyard/harden_process.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

namespace packyard {

Result<void> harden_process() {
  umask(0077);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) return fail(system_error("switching core files off"));
#ifndef __SANITIZE_ADDRESS__  // the leak checker traces its own process
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return fail(system_error("closing the process to tracing"));
#endif
  return {};
}

}  // namespace packyard
