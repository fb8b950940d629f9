#include "backup/tree_listing.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace packyard {
namespace fs = std::filesystem;
namespace {

FileState state_from(const struct stat& status) {
  const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(status.st_mtim.tv_sec, 0));
  return {static_cast<std::uint64_t>(status.st_size),
          seconds * 1'000'000'000 + static_cast<std::uint64_t>(status.st_mtim.tv_nsec)};
}

Result<struct stat> look_at(const fs::path& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return fail(system_error("looking at " + path.string()));
  return status;
}

Result<void> list_into(const fs::path& folder, const std::string& prefix, TreeListing& listing) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string path = prefix + at->path().filename().string();
    TRY_ASSIGN(const struct stat status, look_at(at->path()));
    if (S_ISDIR(status.st_mode)) {
      TRY(list_into(at->path(), path + "/", listing));
    } else if (S_ISREG(status.st_mode)) {
      const FileState state = state_from(status);
      listing.files.push_back({path, state.size_bytes, state.modified_ns});
    } else if (S_ISLNK(status.st_mode)) {
      std::error_code unreadable;
      listing.links.push_back({path, fs::read_symlink(at->path(), unreadable).string()});
      if (unreadable) return fail(system_error("reading the link " + at->path().string(), unreadable.value()));
    } else {
      return fail(ErrorCode::invalid, at->path().string() + " is neither file, folder nor link: remove it");
    }
  }
  if (error) return fail(system_error("listing " + folder.string(), error.value()));
  return {};
}

}  // namespace

Result<TreeListing> list_tree(const fs::path& folder) {
  TreeListing listing;
  std::error_code error;
  if (!fs::exists(folder, error)) {
    if (error) return fail(system_error("looking for " + folder.string(), error.value()));
    return listing;
  }
  TRY(list_into(folder, "", listing));
  std::ranges::sort(listing.files, {}, &ListedFile::path);
  std::ranges::sort(listing.links, {}, &ListedLink::path);
  return listing;
}

Result<FileState> state_of_file(const fs::path& file) {
  TRY_ASSIGN(const struct stat status, look_at(file));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid, file.string() + " is not a plain file");
  return state_from(status);
}

}  // namespace packyard
