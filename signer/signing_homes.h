// SigningHomes: throw-away GnuPG home folders in memory-backed storage (tmpfs), so that a private key never reaches a disk.
// One folder per object, mode 0700, holding a locked file and a home per gpg-agent. Destruction stops the agents and removes it.
// What a killed process left is recognised by its free lock and removed by the next one. Not shared between threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace packyard {

class SigningHomes {
 public:
  // `folders`: where to put them, the first that is memory-backed and writable wins; none is ErrorCode::unavailable.
  // Sweeps stale homes there first.
  static Result<SigningHomes> make(const std::vector<std::filesystem::path>& folders, std::uint32_t count);
  SigningHomes(SigningHomes&& other) noexcept;
  SigningHomes& operator=(SigningHomes&&) = delete;
  ~SigningHomes();

  const std::vector<std::filesystem::path>& homes() const { return homes_; }
  // Writes a configuration file ("gpg.conf") into every home.
  Result<void> write_configuration(const std::string& name, const std::string& text) const;

 private:
  SigningHomes(std::filesystem::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}
  std::filesystem::path folder_;
  int lock_;
  std::vector<std::filesystem::path> homes_;
};

// /dev/shm, then XDG_RUNTIME_DIR when set.
std::vector<std::filesystem::path> memory_folders();

}  // namespace packyard
