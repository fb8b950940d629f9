#include "storage/pepper_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/durable_file.h"

namespace packyard {
namespace {

struct StoredPepper {
  Pepper pepper;
  timespec made_at;
};

// Holds the folder for the one who may make the first pepper; freed by the kernel when the holder dies.
class FolderLock {
 public:
  static Result<FolderLock> take(const std::filesystem::path& folder) {
    const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return fail(system_error("opening the pepper folder " + folder.string()));
    FolderLock lock(descriptor);
    while (flock(descriptor, LOCK_EX) != 0)
      if (errno != EINTR) return fail(system_error("locking the pepper folder " + folder.string()));
    return lock;
  }
  FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock() {
    if (descriptor_ >= 0) close(descriptor_);
  }

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

Result<void> make_private_folder(const std::filesystem::path& folder) {
  if (folder.has_parent_path()) TRY(make_folders(folder.parent_path()));
  if (mkdir(folder.c_str(), 0700) == 0) return sync_folder(folder.parent_path());
  if (errno != EEXIST) return fail(system_error("making the pepper folder " + folder.string()));
  struct stat status {};
  if (lstat(folder.c_str(), &status) != 0) return fail(system_error("reading the state of the pepper folder " + folder.string()));
  if (!S_ISDIR(status.st_mode))
    return fail(ErrorCode::invalid, "opening the pepper folder " + folder.string() + ": not a folder");
  if ((status.st_mode & 0077) != 0)
    return fail(ErrorCode::invalid, "opening the pepper folder " + folder.string() +
                                        ": other users may look into it; run: chmod 700 " + folder.string());
  return {};
}

bool is_pepper_name(std::string_view name) {
  return name.size() == 8 && std::ranges::all_of(name, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<StoredPepper> read_pepper(const std::filesystem::path& file) {
  const std::string attempted = "reading pepper " + file.string();
  struct stat status {};
  if (lstat(file.c_str(), &status) != 0) return fail(system_error(attempted));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid, attempted + ": not a regular file");
  if ((status.st_mode & 0077) != 0)
    return fail(ErrorCode::invalid, attempted + ": other users may read it; run: chmod 600 " + file.string() +
                                        " and consider the keys made with it as known to them");
  TRY_ASSIGN(auto bytes, read_small_file(file, 1024));
  const bool has_right_size = bytes.size() == pepper_size_bytes;
  StoredPepper stored{make_pepper(Secret(std::move(bytes))), status.st_mtim};
  if (!has_right_size || stored.pepper.id.text != file.filename())
    return fail(ErrorCode::corrupt, attempted + ": its content does not belong to its name; restore it from a backup");
  return stored;
}

Result<std::vector<StoredPepper>> read_peppers(const std::filesystem::path& folder) {
  std::vector<StoredPepper> peppers;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (!is_pepper_name(entry->path().filename().string())) continue;
    TRY_ASSIGN(auto stored, read_pepper(entry->path()));
    peppers.push_back(std::move(stored));
  }
  if (error) return fail(system_error("reading the pepper folder " + folder.string(), error.value()));
  std::ranges::sort(peppers, std::greater(), [](const StoredPepper& stored) {
    return std::tuple(stored.made_at.tv_sec, stored.made_at.tv_nsec, stored.pepper.id.text);
  });
  return peppers;
}

Result<Pepper> make_first_pepper(const std::filesystem::path& folder, RandomSource& random) {
  std::array<std::byte, pepper_size_bytes> bytes{};
  random.fill(bytes);
  Pepper pepper = make_pepper(Secret(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())));
  bytes.fill(std::byte{0});
  auto written = write_file_durably(folder / pepper.id.text, pepper.bytes.reveal(), FileMode::owner_only);
  if (!written) return fail(written.error().in("making the first pepper"));
  return pepper;
}

}  // namespace

Result<Peppers> load_peppers(const std::filesystem::path& folder, KeyStore& keys, RandomSource& random) {
  TRY(make_private_folder(folder));
  TRY_ASSIGN(const auto lock, FolderLock::take(folder));
  TRY_ASSIGN(auto stored, read_peppers(folder));
  TRY_ASSIGN(const auto needed, keys.pepper_ids());
  for (const std::string& id : needed)
    if (std::ranges::none_of(stored, [&](const StoredPepper& one) { return one.pepper.id.text == id; }))
      return fail(ErrorCode::not_found, "starting with keys that were made with pepper " + id + ": " + (folder / id).string() +
                                            " is missing; restore it from the backup of this installation");
  if (stored.empty()) {
    TRY_ASSIGN(auto first, make_first_pepper(folder, random));
    return Peppers{std::move(first), {}};
  }
  Peppers peppers{std::move(stored.front().pepper), {}};
  for (std::size_t i = 1; i < stored.size(); ++i) peppers.earlier.push_back(std::move(stored[i].pepper));
  return peppers;
}

}  // namespace packyard
