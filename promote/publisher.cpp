#include "promote/publisher.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "core/durable_file.h"
#include "core/tree_path.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

constexpr mode_t folder_mode = 0755;
constexpr mode_t file_mode = 0644;

// Entries first, so that a folder may be changed while it is walked.
Result<std::vector<fs::directory_entry>> entries_of(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) entries.push_back(*at);
  if (error) return fail(system_error("listing " + folder.string(), error.value()));
  return entries;
}

Result<void> settle_below(const fs::path& root, const fs::path& folder, Timestamp published_at,
                          const std::set<std::string>& kept) {
  TRY_ASSIGN(const auto entries, entries_of(folder));
  for (const auto& entry : entries) {
    const fs::path& path = entry.path();
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) return fail(system_error("reading the kind of " + path.string()));
    if (S_ISLNK(status.st_mode)) {
      if (!path.lexically_relative(root).string().starts_with("releases/"))
        return fail(ErrorCode::internal, "a link where only files belong: " + path.string());
      continue;
    }
    const bool is_folder = S_ISDIR(status.st_mode);
    if (!is_folder && !S_ISREG(status.st_mode)) return fail(ErrorCode::internal, "not a plain file: " + path.string());
    if (is_folder) TRY(settle_below(root, path, published_at, kept));
    const mode_t wanted = is_folder ? folder_mode : file_mode;
    if ((status.st_mode & 07777) != wanted && chmod(path.c_str(), wanted) != 0)
      return fail(system_error("setting the mode of " + path.string()));
    if (is_folder || status.st_mtim.tv_sec == published_at.seconds) continue;
    if (kept.contains(path.lexically_relative(root).string())) continue;
    const timespec time{published_at.seconds, 0};
    const std::array<timespec, 2> times = {time, time};
    if (utimensat(AT_FDCWD, path.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0)
      return fail(system_error("setting the time of " + path.string()));
  }
  return {};
}

}  // namespace

Result<void> make_public_folders(const fs::path& folder) {
  if (folder.empty() || folder == "/") return {};
  if (mkdir(folder.c_str(), folder_mode) == 0) {
    if (chmod(folder.c_str(), folder_mode) != 0) return fail(system_error("setting the mode of " + folder.string()));
    return {};
  }
  if (errno == EEXIST) return {};
  if (errno != ENOENT) return fail(system_error("creating folder " + folder.string()));
  TRY(make_public_folders(folder.parent_path()));
  if (mkdir(folder.c_str(), folder_mode) != 0 && errno != EEXIST) return fail(system_error("creating folder " + folder.string()));
  if (chmod(folder.c_str(), folder_mode) != 0) return fail(system_error("setting the mode of " + folder.string()));
  return {};
}

Result<void> Publisher::settle(Timestamp published_at, const std::set<std::string>& kept) const {
  if (chmod(candidate_.c_str(), folder_mode) != 0) return fail(system_error("setting the mode of " + candidate_.string()));
  return settle_below(candidate_, candidate_, published_at, kept);
}

// Folders at `whole_at_depth` below the part must be new and are moved as one; above it they are walked where they exist already.
Result<void> Publisher::move_below(const fs::path& part, unsigned whole_at_depth) const {
  struct Place {
    fs::path relative;
    unsigned depth;
  };
  std::vector<Place> places = {{part, 0}};
  while (!places.empty()) {
    const Place place = places.back();
    places.pop_back();
    TRY_ASSIGN(const auto entries, entries_of(candidate_ / place.relative));
    TRY(make_public_folders(published_ / place.relative));
    for (const auto& entry : entries) {
      const fs::path relative = place.relative / entry.path().filename();
      const bool is_folder = entry.symlink_status().type() == fs::file_type::directory;
      if (is_folder && place.depth + 1 != whole_at_depth) {
        // A folder that is new to the store moves as a whole: one rename in place of one for every package in it.
        if (rename(entry.path().c_str(), (published_ / relative).c_str()) == 0) continue;
        if (errno != ENOTEMPTY && errno != EEXIST)
          return fail(system_error("publishing " + relative.string() + " in " + published_.string()));
        places.push_back({relative, place.depth + 1});
        continue;
      }
      if (rename(entry.path().c_str(), (published_ / relative).c_str()) != 0)
        return fail(system_error("publishing " + relative.string() + " in " + published_.string()));
    }
  }
  return {};
}

Result<void> Publisher::move_all() const {
  struct Part {
    const char* name;
    unsigned whole_at_depth;
  };
  // generations/rpm/core/2025/el9-x86_64/000007 and releases/000042 move whole.
  constexpr std::array parts = {Part{"index", 0}, Part{"pool", 0}, Part{"generations", 5}, Part{"releases", 1}};
  for (const auto& part : parts) {
    std::error_code error;
    if (fs::exists(candidate_ / part.name, error)) TRY(move_below(part.name, part.whole_at_depth));
    if (error) return fail(system_error("looking for " + (candidate_ / part.name).string(), error.value()));
  }
  return {};
}

Result<std::optional<std::uint64_t>> current_release(const fs::path& published) {
  std::error_code error;
  const fs::path target = fs::read_symlink(published / "current", error);
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) return std::nullopt;
  const std::string text = target.string();
  constexpr std::string_view folder = "releases/";
  std::uint64_t number = 0;
  if (!error && text.starts_with(folder)) {
    const auto [end, status] = std::from_chars(text.data() + folder.size(), text.data() + text.size(), number);
    if (status == std::errc() && end == text.data() + text.size() && tree_path::release(number) == text) return number;
  }
  return fail(ErrorCode::corrupt, (published / "current").string() + " is not a link to a release: restore it from a backup");
}

Result<void> Publisher::switch_to(std::uint64_t release) const {
  TRY_ASSIGN(const auto current, current_release(published_));
  if (current == release) return sync_folder(published_);
  const fs::path fresh = candidate_ / "current";
  std::error_code error;
  fs::create_directories(candidate_, error);
  unlink(fresh.c_str());
  if (symlink(tree_path::release(release).c_str(), fresh.c_str()) != 0)
    return fail(system_error("making the link " + fresh.string()));
  if (rename(fresh.c_str(), (published_ / "current").c_str()) != 0)
    return fail(system_error("switching " + (published_ / "current").string() + " to " + tree_path::release(release)));
  return sync_folder(published_);
}

}  // namespace packyard
