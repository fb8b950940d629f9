#include "backup/started_gate.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string_view>
#include <thread>

#include "core/log.h"

namespace packyard {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t log_bytes_max = 1 << 20;
constexpr std::size_t words_bytes_max = 500;
constexpr std::chrono::seconds end_max{20};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The number after " name=" in a line of our log.
template <class Number>
std::optional<Number> field(std::string_view line, std::string_view name) {
  const std::string key = " " + std::string(name) + "=";
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  Number number{};
  const char* begin = line.data() + at + key.size();
  const auto [end, failure] = std::from_chars(begin, line.data() + line.size(), number);
  return failure == std::errc() ? std::optional(number) : std::nullopt;
}

std::string last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const std::size_t before = text.rfind('\n');
  return escape_for_log(before == std::string_view::npos ? text : text.substr(before + 1), words_bytes_max);
}

}  // namespace

Result<StartedGate> StartedGate::start(const std::filesystem::path& program, std::vector<std::string> environment,
                                       std::chrono::seconds deadline) {
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return fail(system_error("making a pipe for the gate"));
  std::vector<std::string> arguments = {program.string(), "gate"};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 2);
  pid_t process = -1;
  const int failure =
      posix_spawn(&process, program.c_str(), &actions, nullptr, pointers_to(arguments).data(), pointers_to(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);
  if (failure != 0) {
    close(pipe_ends[0]);
    return fail(ErrorCode::unavailable, system_error("starting " + program.string(), failure).message);
  }
  StartedGate gate(process, pipe_ends[0]);
  TRY(gate.wait_until_ready(deadline));
  return gate;
}

StartedGate::StartedGate(StartedGate&& other) noexcept
    : process_(other.process_), log_(other.log_), port_(other.port_), keys_(other.keys_) {
  other.process_ = -1;
  other.log_ = -1;
}

Result<void> StartedGate::wait_until_ready(std::chrono::seconds deadline) {
  const auto until = SteadyClock::now() + deadline;
  std::string text;
  const auto refuse = [&](const char* why) {
    return fail(ErrorCode::unavailable, std::string("starting the gate: it ") + why + "; it said last: " + last_line(text));
  };
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - SteadyClock::now()).count();
    if (left <= 0) return refuse("was not ready in time");
    pollfd waiting{log_, POLLIN, 0};
    if (poll(&waiting, 1, static_cast<int>(left)) < 0 && errno != EINTR) return fail(system_error("waiting for the gate"));
    if (waiting.revents == 0) continue;
    std::array<char, 4096> block{};
    const ssize_t got = read(log_, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return refuse("ended");
    text.append(block.data(), static_cast<std::size_t>(got));
    if (text.size() > log_bytes_max) return refuse("talks without end");
    const std::size_t ready = text.find("gate_ready ");
    const std::size_t end = ready == std::string::npos ? ready : text.find('\n', ready);
    if (end == std::string::npos) continue;
    const std::string_view line = std::string_view(text).substr(ready, end - ready);
    const auto port = field<std::uint16_t>(line, "port");
    const auto keys = field<std::uint64_t>(line, "keys");
    if (!port || !keys) return refuse("is another version");
    port_ = *port;
    keys_ = *keys;
    return {};
  }
}

StartedGate::~StartedGate() {
  if (process_ > 0) {
    kill(process_, SIGTERM);
    const auto until = SteadyClock::now() + end_max;
    while (waitpid(process_, nullptr, WNOHANG) == 0) {
      if (SteadyClock::now() > until) kill(process_, SIGKILL);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  if (log_ >= 0) close(log_);
}

}  // namespace packyard
