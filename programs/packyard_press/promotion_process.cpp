#include "programs/packyard_press/promotion_process.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "programs/packyard_press/press_command.h"

namespace packyard {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds longest_wait{1000};

// In the new process; between fork and exec nothing but system calls.
[[noreturn]] void become_press(char* const* arguments, pid_t parent, const sigset_t& signals) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(static_cast<int>(ExitCode::failed));  // it died before the line above
  setpgid(0, 0);                                                       // a terminal's SIGINT is the worker's to judge
  sigprocmask(SIG_SETMASK, &signals, nullptr);
  execv("/proc/self/exe", arguments);
  _exit(static_cast<int>(ExitCode::failed));
}

// Everything that ended; as the first process of a container the worker inherits others' children too.
std::optional<int> reap(pid_t wanted) {
  std::optional<int> status;
  while (true) {
    int one = 0;
    const pid_t ended = waitpid(-1, &one, WNOHANG);
    if (ended < 0 && errno == EINTR) continue;
    if (ended <= 0) return status;
    if (ended == wanted) status = one;
  }
}

Attempt judge(int status) {
  if (WIFSIGNALED(status)) return {AttemptEnd::ended, "was ended by signal " + std::to_string(WTERMSIG(status))};
  const int code = WEXITSTATUS(status);
  return {code == static_cast<int>(ExitCode::conflict) ? AttemptEnd::store_taken : AttemptEnd::ended,
          "ended with status " + std::to_string(code)};
}

}  // namespace

Attempt PromotionProcess::run(PromotionId id) {
  std::string program = "packyard-press", config = "--config", command = "promote", option = "--request", text = id.text();
  const std::array<char*, 7> arguments{program.data(), config.data(), settings_file_.data(), command.data(), option.data(),
                                       text.data(),    nullptr};
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return {AttemptEnd::ended, std::string("could not be started: ") + std::strerror(errno)};
  if (child == 0) become_press(arguments.data(), parent, signals_.before());
  SteadyClock::time_point deadline = SteadyClock::now() + limits_.longest;
  bool is_stopping = false;
  while (true) {
    if (const auto status = reap(child)) return judge(*status);
    if (signals_.have_come() && !is_stopping) {
      is_stopping = true;
      deadline = std::min(deadline, SteadyClock::now() + limits_.grace);
    }
    if (SteadyClock::now() >= deadline) break;
    signals_.wait(std::min(longest_wait, std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now())));
  }
  // Wherever it is: the next command on the store finishes or discards its work.
  kill(child, SIGKILL);
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (is_stopping) return {AttemptEnd::stopped, "was stopped with the worker"};
  return {AttemptEnd::ended, "took more than " + std::to_string(limits_.longest.count()) + " seconds and was ended"};
}

}  // namespace packyard
