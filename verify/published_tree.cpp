#include "verify/published_tree.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "core/durable_file.h"
#include "verify/tree_grammar.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

// What keeps the web server, which runs as another user, from entering a folder; empty when nothing does.
std::string folder_problem(const std::string& folder) {
  struct stat status {};
  if (lstat(folder.c_str(), &status) != 0)
    return errno == ENOENT || errno == ENOTDIR ? "missing" : system_error("reading the folder").message;
  if (S_ISLNK(status.st_mode)) return "its folder is a symbolic link";
  if (!S_ISDIR(status.st_mode)) return "missing";
  if ((status.st_mode & S_IXOTH) == 0) return "its folder cannot be entered by the web server (mode lacks o+x)";
  return "";
}

}  // namespace

bool PublishedTree::folders_are_sound(const fs::path& root, std::string_view path, std::string& problem) const {
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    const std::string folder = (root / path.substr(0, slash)).string();
    const auto known = folders_.with([&](auto& folders) {
      const auto found = folders.find(folder);
      return found == folders.end() ? std::nullopt : std::optional(found->second);
    });
    problem = known ? *known : folder_problem(folder);
    if (!known && problem != "missing") folders_.with([&](auto& folders) { folders[folder] = problem; });
    if (!problem.empty()) return false;
  }
  return true;
}

std::optional<TreeFile> PublishedTree::find_in(const fs::path& root, std::string_view path, bool in_candidate,
                                               std::string& problem) const {
  if (!folders_are_sound(root, path, problem)) return std::nullopt;
  TreeFile file{root / path, 0, 0, 0, in_candidate};
  struct stat status {};
  if (lstat(file.real.c_str(), &status) != 0) {
    problem = errno == ENOENT ? "missing" : system_error("looking at it").message;
  } else if (S_ISLNK(status.st_mode)) {
    problem = "is a symbolic link where a file is expected";
  } else if (!S_ISREG(status.st_mode)) {
    problem = "is not a regular file";
  } else if ((status.st_mode & S_IROTH) == 0) {
    problem = "cannot be read by the web server (mode lacks o+r)";
  } else {
    file.size_bytes = static_cast<std::uint64_t>(status.st_size);
    file.device = status.st_dev;
    file.inode = status.st_ino;
    return file;
  }
  return std::nullopt;
}

Result<TreeFile> PublishedTree::find(std::string_view path) const {
  if (!tree_grammar::is_sound(path)) return fail(ErrorCode::invalid, "not a path of a published tree");
  std::string problem = "missing";
  if (candidate_) {
    if (auto file = find_in(*candidate_, path, true, problem)) return *file;
  }
  if (problem == "missing") {
    if (auto file = find_in(published_, path, false, problem)) return *file;
  }
  return fail(problem == "missing" ? ErrorCode::not_found : ErrorCode::invalid, problem);
}

Result<std::string> PublishedTree::read(std::string_view path, std::size_t limit_bytes) const {
  TRY_ASSIGN(const TreeFile file, find(path));
  return read_small_file(file.real, limit_bytes);
}

Result<FileDigest> PublishedTree::digest(const TreeFile& file) const {
  const std::pair identity(file.device, file.inode);
  const auto known = digests_.with([&](auto& digests) {
    const auto found = digests.find(identity);
    return found == digests.end() ? std::nullopt : std::optional(found->second);
  });
  if (known) return *known;
  TRY_ASSIGN(const FileDigest digest, digest_file(file.real));
  digests_.with([&](auto& digests) { digests[identity] = digest; });
  return digest;
}

Result<std::string> PublishedTree::link(std::string_view path) const {
  if (!tree_grammar::is_sound(path)) return fail(ErrorCode::invalid, "not a path of a published tree");
  std::string problem;
  for (const auto* root : {candidate_ ? &*candidate_ : nullptr, &published_}) {
    if (root == nullptr || !folders_are_sound(*root, path, problem)) continue;
    char text[4096];
    const ssize_t length = readlink((*root / path).c_str(), text, sizeof text);
    if (length >= 0) return std::string(text, static_cast<std::size_t>(length));
    if (errno == EINVAL) return fail(ErrorCode::invalid, "is not a symbolic link");
    problem = errno == ENOENT ? "missing" : system_error("reading the link").message;
  }
  return fail(problem == "missing" ? ErrorCode::not_found : ErrorCode::invalid, problem);
}

Result<std::vector<std::string>> PublishedTree::list(std::string_view folder) const {
  std::set<std::string> names;
  for (const auto* root : {candidate_ ? &*candidate_ : nullptr, &published_}) {
    if (root == nullptr) continue;
    std::error_code error;
    for (fs::directory_iterator entry(*root / folder, error), end; !error && entry != end; entry.increment(error))
      names.insert(entry->path().filename().string());
    if (error && error != std::errc::no_such_file_or_directory)
      return fail(system_error("listing " + std::string(folder), error.value()));
  }
  return std::vector<std::string>(names.begin(), names.end());
}

Result<void> PublishedTree::walk(const std::string& folder, const std::function<void(const std::string& path)>& visit) const {
  TRY_ASSIGN(const auto names, list(folder));
  for (const std::string& name : names) {
    const std::string path = folder.empty() ? name : folder + "/" + name;
    bool is_folder = false;
    for (const auto* root : {candidate_ ? &*candidate_ : nullptr, &published_}) {
      struct stat status {};
      if (root != nullptr && lstat((*root / path).c_str(), &status) == 0 && S_ISDIR(status.st_mode)) is_folder = true;
    }
    if (is_folder) {
      TRY(walk(path, visit));
    } else {
      visit(path);
    }
  }
  return {};
}

}  // namespace packyard
