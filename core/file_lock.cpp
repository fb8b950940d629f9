#include "core/file_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "core/descriptor.h"

namespace packyard {
namespace {

constexpr std::chrono::milliseconds pause_between_tries{10};

// The whole file; l_pid must be 0 for these locks.
struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

Result<FileLock> FileLock::take(const std::filesystem::path& file, std::chrono::milliseconds patience) {
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (descriptor < 0) return fail(system_error("opening the lock " + file.string()));
  FileLock lock(descriptor);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    struct flock wanted = whole_file();
    if (fcntl(descriptor, F_OFD_SETLK, &wanted) == 0) return lock;
    if (errno != EAGAIN && errno != EACCES) return fail(system_error("locking " + file.string()));
    if (std::chrono::steady_clock::now() >= deadline)
      return fail(ErrorCode::conflict, "locking " + file.string() + ": somebody else holds it");
    std::this_thread::sleep_for(pause_between_tries);
  }
}

bool FileLock::is_held(const std::filesystem::path& file) {
  const Descriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct flock other = whole_file();
  return descriptor.number() >= 0 && fcntl(descriptor.number(), F_OFD_GETLK, &other) == 0 && other.l_type != F_UNLCK;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace packyard
