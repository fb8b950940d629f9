#include "core/command_runner.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <thread>

namespace packyard {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  bool open_both() { return pipe2(ends.data(), O_CLOEXEC) == 0; }
  void close_end(std::size_t end) {
    if (ends[end] >= 0) close(ends[end]);
    ends[end] = -1;
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
};

struct Child {
  pid_t pid = -1;
  Pipe input, output, errors;
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

Result<void> start(const Command& command, Child& child) {
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = command.environment;
  const char* path = std::getenv("PATH");
  environment.push_back(std::string("PATH=") + (path != nullptr ? path : "/usr/bin:/bin"));
  environment.push_back("LC_ALL=C");
  if (!child.input.open_both() || !child.output.open_both() || !child.errors.open_both())
    return fail(system_error("making pipes for " + arguments.front()));

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, child.input.ends[0], 0);
  posix_spawn_file_actions_adddup2(&actions, child.output.ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, child.errors.ends[1], 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  const int failure = posix_spawnp(&child.pid, arguments.front().c_str(), &actions, &attributes, pointers_to(arguments).data(),
                                   pointers_to(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failure != 0) return fail(system_error("starting " + arguments.front(), failure));
  child.input.close_end(0);
  child.output.close_end(1);
  child.errors.close_end(1);
  return {};
}

// Reads what is there; false at the end of the stream.
bool drain(int descriptor, std::string& into) {
  std::array<char, 16384> block;
  const ssize_t got = read(descriptor, block.data(), block.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  into.append(block.data(), static_cast<std::size_t>(got));
  return got > 0;
}

// Feeds input and collects output until both streams end; false when the deadline passes or too much is printed.
bool converse(const Command& command, Child& child, CommandOutcome& outcome, Deadline deadline) {
  std::string_view rest = command.input;
  fcntl(child.input.ends[1], F_SETFL, O_NONBLOCK);
  while (child.output.ends[0] >= 0 || child.errors.ends[0] >= 0) {
    if (rest.empty()) child.input.close_end(1);
    std::array<pollfd, 3> polls{
        {{child.output.ends[0], POLLIN, 0}, {child.errors.ends[0], POLLIN, 0}, {child.input.ends[1], POLLOUT, 0}}};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    if (poll(polls.data(), polls.size(), static_cast<int>(left)) < 0 && errno != EINTR) return false;
    if (polls[0].revents != 0 && !drain(child.output.ends[0], outcome.output)) child.output.close_end(0);
    if (polls[1].revents != 0 && !drain(child.errors.ends[0], outcome.errors)) child.errors.close_end(0);
    if (polls[2].revents != 0) {
      const ssize_t written = write(child.input.ends[1], rest.data(), rest.size());
      if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
      if (written < 0 && errno != EAGAIN && errno != EINTR) rest = {};
    }
    if (outcome.output.size() + outcome.errors.size() > command.output_bytes_max) return false;
  }
  return true;
}

Result<void> wait_for(pid_t pid, CommandOutcome& outcome, Deadline deadline, bool& ended) {
  int status = 0;
  while (true) {
    const pid_t got = waitpid(pid, &status, WNOHANG);
    if (got < 0 && errno != EINTR) return fail(system_error("waiting for a started program"));
    if (got == pid) break;
    if (std::chrono::steady_clock::now() > deadline) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ended = true;
  outcome.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {};
}

// A program that stops reading must not end us with SIGPIPE.
class BrokenPipeIgnored {
 public:
  BrokenPipeIgnored() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~BrokenPipeIgnored() {
    const timespec at_once{};
    while (sigtimedwait(&set_, nullptr, &at_once) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  BrokenPipeIgnored(const BrokenPipeIgnored&) = delete;
  BrokenPipeIgnored& operator=(const BrokenPipeIgnored&) = delete;

 private:
  sigset_t set_{}, before_{};
};

}  // namespace

Result<CommandOutcome> SystemCommandRunner::run(const Command& command) {
  if (command.arguments.empty()) return fail(ErrorCode::internal, "running a program: no program named");
  const BrokenPipeIgnored guard;
  Child child;
  TRY(start(command, child));
  CommandOutcome outcome;
  const Deadline deadline = std::chrono::steady_clock::now() + command.deadline;
  bool ended = false;
  if (converse(command, child, outcome, deadline)) TRY(wait_for(child.pid, outcome, deadline, ended));
  if (ended) return outcome;
  kill(-child.pid, SIGKILL);
  while (waitpid(child.pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return fail(ErrorCode::unavailable, "running " + command.arguments.front() + ": no end within " +
                                          std::to_string(command.deadline.count()) + " ms or too much output; it was stopped");
}

}  // namespace packyard
