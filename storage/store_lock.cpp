#include "storage/store_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string>
#include <thread>

namespace packyard {
namespace {

constexpr const char* purpose_change = "";
constexpr const char* purpose_look = " looking";
constexpr std::chrono::milliseconds pause{50};
constexpr std::chrono::seconds look_max{60};

// What the holder wrote: its process and purpose; of an earlier one for the moment in which the lock changes hands.
std::string holder_of(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t length = pread(descriptor, text.data(), text.size(), 0);
  return length > 0 ? std::string(text.data(), static_cast<std::size_t>(length)) : std::string();
}

std::unexpected<Error> taken(const std::filesystem::path& file, const std::string& holder) {
  const std::string who = holder.empty() ? "" : " (process " + holder + ")";
  return fail(ErrorCode::conflict, "another promotion, rollback or withdrawal is working on this store" + who + ", which holds " +
                                       file.string() + ": wait for it to end and run this again");
}

}  // namespace

Result<StoreLock> StoreLock::open(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return fail(system_error("opening the lock " + file.string()));
  return StoreLock(descriptor);
}

Result<bool> StoreLock::try_to_lock(const std::filesystem::path& file, const char* purpose) const {
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    return fail(system_error("locking " + file.string()));
  }
  // For messages and for who waits; the lock itself is the kernel's.
  const std::string holder = std::to_string(getpid()) + purpose;
  if (ftruncate(descriptor_, 0) != 0 || pwrite(descriptor_, holder.data(), holder.size(), 0) < 0)
    return fail(system_error("writing to the lock " + file.string()));
  return true;
}

Result<StoreLock> StoreLock::take(const std::filesystem::path& file) {
  TRY_ASSIGN(StoreLock lock, open(file));
  const auto deadline = std::chrono::steady_clock::now() + look_max;
  for (bool is_first = true;; is_first = false) {
    TRY_ASSIGN(const bool is_locked, lock.try_to_lock(file, purpose_change));
    if (is_locked) return lock;
    const std::string holder = holder_of(lock.descriptor_);
    // Looked at twice: at first the text may still be an earlier holder's.
    const bool looks = holder.ends_with(purpose_look) && std::chrono::steady_clock::now() < deadline;
    if (!looks && !is_first) return taken(file, holder);
    std::this_thread::sleep_for(pause);
  }
}

Result<StoreLock> StoreLock::take_to_look(const std::filesystem::path& file, Clock& clock, std::chrono::seconds wait_max) {
  TRY_ASSIGN(StoreLock lock, open(file));
  for (std::chrono::milliseconds waited{0};; waited += pause) {
    TRY_ASSIGN(const bool is_locked, lock.try_to_lock(file, purpose_look));
    if (is_locked) return lock;
    if (waited >= wait_max) return taken(file, holder_of(lock.descriptor_));
    clock.sleep_for(pause);
  }
}

StoreLock::~StoreLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace packyard
