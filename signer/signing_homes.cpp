#include "signer/signing_homes.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "core/durable_file.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

// A folder is made under the first name, gets its lock and then the second: under that name it is always locked while in use.
constexpr std::string_view making_prefix = "packyard-gpg-new.";
constexpr std::string_view ready_prefix = "packyard-gpg.";
constexpr std::string_view lock_name = "lock";
constexpr std::time_t making_seconds_max = 600;

bool is_memory_backed(const fs::path& folder) {
  struct statfs status {};
  if (statfs(folder.c_str(), &status) != 0) return false;
  return status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC;
}

// Asks the gpg-agent of a home to end. It would also notice that its home is gone, but only after a while.
void stop_agent(const fs::path& home) {
  const std::string path = (home / "S.gpg-agent").string();
  sockaddr_un address{};
  if (path.size() >= sizeof address.sun_path) return;
  const int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection < 0) return;
  const timeval patience{2, 0};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    constexpr std::string_view command = "KILLAGENT\n";
    char answer[256];
    if (recv(connection, answer, sizeof answer, 0) > 0 && send(connection, command.data(), command.size(), MSG_NOSIGNAL) > 0)
      while (recv(connection, answer, sizeof answer, 0) > 0) {
      }
  }
  close(connection);
}

void remove_homes(const fs::path& folder) {
  std::error_code ignored;
  for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
    std::error_code unreadable;
    if (entry->is_directory(unreadable)) stop_agent(entry->path());
  }
  // An agent that ends may remove its own sockets meanwhile; a second pass takes what the first tripped over.
  for (int pass = 0; pass < 3 && fs::exists(folder, ignored); ++pass) fs::remove_all(folder, ignored);
}

bool is_ours(const fs::path& folder, struct stat& status) {
  return lstat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid();
}

void sweep_one(const fs::path& folder) {
  struct stat status {};
  if (!is_ours(folder, status)) return;
  const std::string name = folder.filename().string();
  if (name.starts_with(making_prefix)) {
    if (std::time(nullptr) - status.st_mtime > making_seconds_max) remove_homes(folder);
    return;
  }
  const int lock = open((folder / lock_name).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (lock < 0) {
    if (errno == ENOENT) remove_homes(folder);
    return;
  }
  if (flock(lock, LOCK_EX | LOCK_NB) == 0) remove_homes(folder);
  close(lock);
}

void sweep(const fs::path& parent) {
  std::error_code ignored;
  for (fs::directory_iterator entry(parent, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(ready_prefix) || name.starts_with(making_prefix)) sweep_one(entry->path());
  }
}

}  // namespace

std::vector<fs::path> memory_folders() {
  std::vector<fs::path> folders = {"/dev/shm"};
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime == '/') folders.emplace_back(runtime);
  return folders;
}

Result<SigningHomes> SigningHomes::make(const std::vector<fs::path>& folders, std::uint32_t count) {
  std::string tried;
  for (const fs::path& parent : folders) {
    tried += (tried.empty() ? "" : ", ") + parent.string();
    if (!is_memory_backed(parent)) {
      tried += " (not memory-backed)";
      continue;
    }
    sweep(parent);
    std::string making = (parent / (std::string(making_prefix) + std::string(6, 'X'))).string();
    if (mkdtemp(making.data()) == nullptr) {
      tried += " (" + system_error("creating a folder").message + ")";
      continue;
    }
    const int lock = open((fs::path(making) / lock_name).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    SigningHomes made(making, lock);
    if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0)
      return fail(system_error("locking a new signing home in " + parent.string()));
    const fs::path ready = parent / (std::string(ready_prefix) + making.substr(making.size() - 6));
    if (rename(making.c_str(), ready.c_str()) != 0) return fail(system_error("naming a signing home " + ready.string()));
    made.folder_ = ready;
    for (std::uint32_t i = 0; i < count; ++i) {
      const fs::path home = made.folder_ / std::to_string(i);
      if (mkdir(home.c_str(), 0700) != 0) return fail(system_error("creating the signing home " + home.string()));
      made.homes_.push_back(home);
    }
    return made;
  }
  return fail(ErrorCode::unavailable, "making a place for the private key: no memory-backed folder among " + tried +
                                          "; mount a tmpfs on /dev/shm or point XDG_RUNTIME_DIR at one");
}

SigningHomes::SigningHomes(SigningHomes&& other) noexcept
    : folder_(std::move(other.folder_)), lock_(other.lock_), homes_(std::move(other.homes_)) {
  other.folder_.clear();
  other.lock_ = -1;
}

SigningHomes::~SigningHomes() {
  if (!folder_.empty()) remove_homes(folder_);
  if (lock_ >= 0) close(lock_);
}

Result<void> SigningHomes::write_configuration(const std::string& name, const std::string& text) const {
  for (const fs::path& home : homes_) TRY(write_file_durably(home / name, text, FileMode::owner_only));
  return {};
}

}  // namespace packyard
