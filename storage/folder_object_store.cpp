#include "storage/folder_object_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/digest.h"
#include "core/descriptor.h"
#include "core/durable_file.h"
#include "core/log.h"

namespace packyard {
namespace {

class FileReader final : public ObjectReader {
 public:
  FileReader(int number, std::string name) : descriptor_(number), name_(std::move(name)) {}
  Result<std::size_t> read(std::span<char> block) override {
    while (true) {
      const ssize_t got = ::read(descriptor_.number(), block.data(), block.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return fail(system_error("reading " + name_));
    }
  }

 private:
  Descriptor descriptor_;
  std::string name_;
};

// Opens a folder below `root` in one call that follows no link (Linux 5.6); -1 with errno, ENOSYS where a kernel or a container's
// filter does not know it.
int open_beneath(int root, const std::string& folder) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const long opened = syscall(SYS_openat2, root, folder.c_str(), &how, sizeof how);
  if (opened < 0 && (errno == EPERM || errno == EAGAIN)) errno = ENOSYS;
  return static_cast<int>(opened);
}

Result<void> copy_to_end(ObjectReader& reader, int descriptor, const std::string& name) {
  std::vector<char> block(256 * 1024);
  while (true) {
    TRY_ASSIGN(const std::size_t got, reader.read(block));
    if (got == 0) break;
    for (std::size_t at = 0; at < got;) {
      const ssize_t written = write(descriptor, block.data() + at, got - at);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return fail(system_error("writing " + name));
      at += static_cast<std::size_t>(written);
    }
  }
  if (fsync(descriptor) != 0) return fail(system_error("syncing " + name));
  return {};
}

std::string file_name_of(const ObjectKey& key) { return std::string(key.file_name()); }

}  // namespace

FolderObjectStore::FolderObjectStore(std::filesystem::path root) : root_(std::move(root)) {}

std::string FolderObjectStore::description() const { return "folder " + root_.string(); }

FolderObjectStore::~FolderObjectStore() {
  if (root_descriptor_ >= 0) close(root_descriptor_);
}

Result<int> FolderObjectStore::open_root(Missing missing) const {
  int root = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root < 0 && errno == ENOENT && missing == Missing::is_made) {
    TRY(make_folders(root_));
    root = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  }
  if (root < 0) return fail(system_error("opening the folder " + root_.string()));
  return root;
}

Result<int> FolderObjectStore::open_folder(std::string_view folder, Missing missing) const {
  if (folder.empty()) return open_root(missing);
  // The root is kept open: it is asked for with every object. What is not found below it is looked for again from the start.
  if (int kept = root_descriptor_; kept >= 0) {
    if (const int found = open_beneath(kept, std::string(folder)); found >= 0) return found;
  } else {
    TRY_ASSIGN(const int root, open_root(missing));
    if (!root_descriptor_.compare_exchange_strong(kept, root)) close(root);
    if (const int found = open_beneath(root_descriptor_, std::string(folder)); found >= 0) return found;
  }
  return walk_to_folder(folder, missing);
}

Result<int> FolderObjectStore::walk_to_folder(std::string_view folder, Missing missing) const {
  TRY_ASSIGN(int current, open_root(missing));
  while (!folder.empty()) {
    const std::size_t slash = folder.find('/');
    const std::string segment(folder.substr(0, slash));
    folder = slash == std::string_view::npos ? std::string_view() : folder.substr(slash + 1);
    if (missing == Missing::is_made && mkdirat(current, segment.c_str(), 0777) != 0 && errno != EEXIST) {
      const Error error = system_error("making the folder " + segment + " in " + root_.string());
      close(current);
      return fail(error);
    }
    const int next = openat(current, segment.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    const int number = errno;
    close(current);
    if (next < 0) return fail(system_error("opening the folder " + segment + " in " + root_.string(), number));
    current = next;
  }
  return current;
}

Result<int> FolderObjectStore::open_folder_of(const ObjectKey& key, Missing missing) const {
  const std::size_t slash = key.text().rfind('/');
  return open_folder(slash == std::string::npos ? std::string_view() : std::string_view(key.text()).substr(0, slash), missing);
}

Result<void> FolderObjectStore::list_into(int folder, const std::string& prefix, ObjectListing& listing,
                                          std::vector<std::string>* folders) const {
  DIR* stream = fdopendir(folder);
  if (stream == nullptr) {
    const Error error = system_error("listing " + (root_ / prefix).string());
    close(folder);
    return fail(error);
  }
  Result<void> outcome;
  while (true) {
    errno = 0;
    const dirent* entry = readdir(stream);
    if (entry == nullptr) {
      if (errno != 0) outcome = fail(system_error("listing " + (root_ / prefix).string()));
      break;
    }
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    const std::string full = prefix + std::string(name);
    auto key = ObjectKey::parse(full);
    if (!key) {
      listing.refused.push_back({escape_for_log(full), key.error().message});
      continue;
    }
    struct stat status {};
    if (fstatat(dirfd(stream), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;  // moved away meanwhile
      outcome = fail(system_error("reading the kind of " + (root_ / full).string()));
      break;
    }
    if (S_ISREG(status.st_mode)) {
      listing.objects.push_back({std::move(*key), static_cast<std::uint64_t>(status.st_size)});
    } else if (!S_ISDIR(status.st_mode)) {
      listing.refused.push_back(
          {escape_for_log(full), S_ISLNK(status.st_mode) ? "is a link: put the file itself there" : "is not a plain file"});
    } else if (folders != nullptr) {
      folders->emplace_back(name);
    } else {
      const int next = openat(dirfd(stream), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
      if (next < 0 && errno == ENOENT) continue;
      outcome = next < 0 ? fail(system_error("opening the folder " + (root_ / full).string()))
                         : list_into(next, full + "/", listing, nullptr);
      if (!outcome) break;
    }
  }
  closedir(stream);
  return outcome;
}

Result<ObjectListing> FolderObjectStore::list(std::string_view folder) {
  ObjectListing listing;
  if (!folder.empty()) TRY(ObjectKey::parse(folder));
  auto opened = open_folder(folder, Missing::fails);
  if (!opened && opened.error().code == ErrorCode::not_found) return listing;
  if (!opened) return fail(opened.error());
  TRY(list_into(*opened, folder.empty() ? "" : std::string(folder) + "/", listing, nullptr));
  std::ranges::sort(listing.objects, {}, [](const ObjectInfo& info) -> const ObjectKey& { return info.key; });
  return listing;
}

Result<ObjectLevel> FolderObjectStore::list_level(std::string_view folder) {
  ObjectLevel level;
  if (!folder.empty()) TRY(ObjectKey::parse(folder));
  auto opened = open_folder(folder, Missing::fails);
  if (!opened && opened.error().code == ErrorCode::not_found) return level;
  if (!opened) return fail(opened.error());
  TRY(list_into(*opened, folder.empty() ? "" : std::string(folder) + "/", level.here, &level.folders));
  std::ranges::sort(level.here.objects, {}, [](const ObjectInfo& info) -> const ObjectKey& { return info.key; });
  std::ranges::sort(level.folders);
  return level;
}

Result<ObjectInfo> FolderObjectStore::stat(const ObjectKey& key) {
  TRY_ASSIGN(const int number, open_folder_of(key, Missing::fails));
  const Descriptor folder(number);
  struct stat status {};
  if (fstatat(folder.number(), file_name_of(key).c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return fail(system_error("looking for " + (root_ / key.text()).string()));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid, (root_ / key.text()).string() + " is not a plain file");
  return ObjectInfo{key, static_cast<std::uint64_t>(status.st_size)};
}

Result<std::unique_ptr<ObjectReader>> FolderObjectStore::open(const ObjectKey& key) {
  TRY_ASSIGN(const int number, open_folder_of(key, Missing::fails));
  const Descriptor folder(number);
  const std::string name = (root_ / key.text()).string();
  // Not blocking: a named pipe put there between listing and opening must not hold the press.
  const int file = openat(folder.number(), file_name_of(key).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return fail(system_error("opening " + name));
  auto reader = std::make_unique<FileReader>(file, name);
  struct stat status {};
  if (fstat(file, &status) != 0) return fail(system_error("reading the kind of " + name));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid, name + " is not a plain file");
  return reader;
}

Result<void> FolderObjectStore::put(const ObjectKey& key, std::string_view bytes) {
  TRY_ASSIGN(const int number, open_folder_of(key, Missing::is_made));
  const Descriptor folder(number);
  auto written = write_file_durably(root_ / key.text(), bytes, FileMode::world_readable);
  if (!written) return fail(written.error().in("putting " + key.text() + " into " + description()));
  return {};
}

Result<void> FolderObjectStore::put_from(const ObjectKey& key, ObjectReader& reader) {
  TRY_ASSIGN(const int number, open_folder_of(key, Missing::is_made));
  const Descriptor folder(number);
  const std::string final_name = file_name_of(key), name = (root_ / key.text()).string();
  const std::string temporary = ".put." + std::to_string(getpid()) + "." + sha256(key.text()).hex();
  const Descriptor file(openat(folder.number(), temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (file.number() < 0) return fail(system_error("creating " + name));
  auto copied = copy_to_end(reader, file.number(), name);
  if (copied && renameat(folder.number(), temporary.c_str(), folder.number(), final_name.c_str()) != 0)
    copied = fail(system_error("naming " + name));
  if (copied && fsync(folder.number()) != 0) copied = fail(system_error("syncing the folder of " + name));
  if (!copied) unlinkat(folder.number(), temporary.c_str(), 0);
  return copied;
}

Result<void> FolderObjectStore::move(const ObjectKey& from, const ObjectKey& to) {
  TRY_ASSIGN(const int from_number, open_folder_of(from, Missing::fails));
  const Descriptor from_folder(from_number);
  TRY_ASSIGN(const int to_number, open_folder_of(to, Missing::is_made));
  const Descriptor to_folder(to_number);
  if (renameat(from_folder.number(), file_name_of(from).c_str(), to_folder.number(), file_name_of(to).c_str()) != 0)
    return fail(system_error("moving " + from.text() + " to " + to.text() + " in " + description()));
  return {};
}

Result<void> FolderObjectStore::remove(const ObjectKey& key) {
  TRY_ASSIGN(const int number, open_folder_of(key, Missing::fails));
  const Descriptor folder(number);
  if (unlinkat(folder.number(), file_name_of(key).c_str(), 0) != 0)
    return fail(system_error("removing " + key.text() + " from " + description()));
  return {};
}

}  // namespace packyard
