// StartedGate: `packyard gate` run on loopback for a drill, as a process of its own: it is the program that customers' requests
// meet. Ports are the system's choice and read from its log. Ended with the object, by SIGTERM, then by SIGKILL. One thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace packyard {

class StartedGate {
 public:
  // Waits until it says that it is ready; unavailable when it ends or `deadline` passes first, with the last it said.
  static Result<StartedGate> start(const std::filesystem::path& program, std::vector<std::string> environment,
                                   std::chrono::seconds deadline);
  StartedGate(StartedGate&& other) noexcept;
  StartedGate& operator=(StartedGate&&) = delete;
  ~StartedGate();
  std::uint16_t port() const { return port_; }
  std::uint64_t keys() const { return keys_; }  // loaded

 private:
  StartedGate(pid_t process, int log) : process_(process), log_(log) {}
  Result<void> wait_until_ready(std::chrono::seconds deadline);
  pid_t process_;
  int log_;
  std::uint16_t port_ = 0;
  std::uint64_t keys_ = 0;
};

}  // namespace packyard
