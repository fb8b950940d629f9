// PublishedTree: a published tree with a candidate laid over it, read only. A name is looked for in the candidate first.
// Follows no link: every folder on the way and the file itself must be what it seems and readable by the web server (any user).
// Paths are relative to public/. Thread-safe; owned by the site verifier for one run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "core/guarded.h"
#include "core/result.h"
#include "verify/findings.h"

namespace packyard {

struct TreeFile {
  std::filesystem::path real;
  std::uint64_t size_bytes = 0;
  std::uint64_t device = 0, inode = 0;
  bool in_candidate = false;
};

class PublishedTree {
 public:
  PublishedTree(std::filesystem::path published, std::optional<std::filesystem::path> candidate)
      : published_(std::move(published)), candidate_(std::move(candidate)) {}

  // A regular file, or an error that says what is wrong: missing, a link, a folder, not readable by all.
  Result<TreeFile> find(std::string_view path) const;
  // The same, and its bytes. For small files.
  Result<std::string> read(std::string_view path, std::size_t limit_bytes) const;
  // Digest and size; bytes that have several names (hard links) are read once.
  Result<FileDigest> digest(const TreeFile& file) const;
  // The text of a symbolic link.
  Result<std::string> link(std::string_view path) const;
  // Names in a folder, sorted; empty when there is none.
  Result<std::vector<std::string>> list(std::string_view folder) const;
  // Every path below a folder that is not a folder; links are listed, never followed.
  Result<void> walk(const std::string& folder, const std::function<void(const std::string& path)>& visit) const;

 private:
  std::optional<TreeFile> find_in(const std::filesystem::path& root, std::string_view path, bool in_candidate,
                                  std::string& problem) const;
  bool folders_are_sound(const std::filesystem::path& root, std::string_view path, std::string& problem) const;

  std::filesystem::path published_;
  std::optional<std::filesystem::path> candidate_;
  mutable Guarded<std::map<std::string, std::string>> folders_;  // by real path: what is wrong with it, empty when sound
  mutable Guarded<std::map<std::pair<std::uint64_t, std::uint64_t>, FileDigest>> digests_;
};

}  // namespace packyard
