#include "promote/store_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

namespace packyard {

Result<StoreLock> StoreLock::take(const std::filesystem::path& file) {
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return fail(system_error("opening the lock " + file.string()));
  StoreLock lock(descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(system_error("locking " + file.string()));
    char holder[32] = {};
    const ssize_t length = pread(descriptor, holder, sizeof holder - 1, 0);
    const std::string who = length > 0 ? " (process " + std::string(holder, static_cast<std::size_t>(length)) + ")" : "";
    return fail(ErrorCode::conflict, "another promotion, rollback or withdrawal is working on this store" + who +
                                         ", which holds " + file.string() + ": wait for it to end and run this again");
  }
  // For the message above only; the lock itself is the kernel's.
  const std::string process = std::to_string(getpid());
  if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, process.data(), process.size(), 0) < 0)
    return fail(system_error("writing to the lock " + file.string()));
  return lock;
}

StoreLock::~StoreLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace packyard
