// Publisher: brings a finished candidate into public/ and switches `current`. Every step is one rename or one link, done or not
// done, so it can be killed anywhere and run again. Order: index, pool, generations, the release folder, then the pointer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/timestamp.h"

namespace packyard {

class Publisher {
 public:
  Publisher(std::filesystem::path candidate, std::filesystem::path published)
      : candidate_(std::move(candidate)), published_(std::move(published)) {}

  // Before verification: every file 0644, every folder 0755 whatever the umask, modification times as published; refuses what is
  // neither file, folder nor a link in a release folder. Files in `kept` (shared with the published tree) keep their time.
  Result<void> settle(Timestamp published_at, const std::set<std::string>& kept) const;
  // Moves everything; what was moved before is passed over.
  Result<void> move_all() const;
  // `current` points to the release. Nothing to do when it does already.
  Result<void> switch_to(std::uint64_t release) const;

 private:
  Result<void> move_below(const std::filesystem::path& part, unsigned whole_at_depth) const;
  std::filesystem::path candidate_, published_;
};

// The number in public/current; unset when there is none yet. corrupt when it is not such a link.
Result<std::optional<std::uint64_t>> current_release(const std::filesystem::path& published);

// Folder with mode 0755 whatever the umask, and those above it that do not exist.
Result<void> make_public_folders(const std::filesystem::path& folder);

}  // namespace packyard
