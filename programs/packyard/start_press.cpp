#include "programs/packyard/start_press.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "programs/packyard/command_line.h"

namespace packyard {

bool is_press_command(std::string_view name) {
  constexpr std::array<std::string_view, 7> commands = {"promote", "release", "withdraw", "verify", "signing-key", "backup", "restore"};
  return std::ranges::find(commands, name) != commands.end();
}

int start_press(char** arguments) {
  std::error_code failure;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failure);
  if (failure) {
    std::fprintf(stderr, "packyard: finding packyard-press: reading /proc/self/exe: %s\n", failure.message().c_str());
    return static_cast<int>(ExitCode::failed);
  }
  const std::string press = (self.parent_path() / "packyard-press").string();
  execv(press.c_str(), arguments);
  std::fprintf(stderr, "packyard: starting %s: %s; install packyard-press beside packyard\n", press.c_str(),
               std::strerror(errno));
  return static_cast<int>(ExitCode::failed);
}

}  // namespace packyard
