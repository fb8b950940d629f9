// Files that survive a crash: write, sync, rename, sync of the folder; and reading a small file whole.
// Callers own the paths; nothing here is shared between threads.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

enum class FileMode : unsigned { owner_only = 0600, world_readable = 0644 };

// Replaces file as a whole: a reader sees the old bytes or the new, also after a power cut.
Result<void> write_file_durably(const std::filesystem::path& file, std::string_view bytes, FileMode mode);
// Writes a new file without syncing; for candidates that a later sync_tree makes durable. Fails if it exists.
Result<void> write_new_file(const std::filesystem::path& file, std::string_view bytes, FileMode mode);
// Fails as invalid when the file is larger than limit_bytes.
Result<std::string> read_small_file(const std::filesystem::path& file, std::size_t limit_bytes);
Result<void> make_folders(const std::filesystem::path& folder);
// Syncs the folder's own entries (after a rename into it).
Result<void> sync_folder(const std::filesystem::path& folder);
// Syncs everything on the file system that holds the path: cheaper than a call per file when there are thousands.
Result<void> sync_file_system(const std::filesystem::path& path);
// Renames within one file system; makes the folders above the new name.
Result<void> move_file(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace packyard
