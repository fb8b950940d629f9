#include "storage/change_signal.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace packyard {
namespace {

using Counter = std::atomic<std::uint64_t>;
static_assert(Counter::is_always_lock_free && sizeof(Counter) == sizeof(std::uint64_t), "shared between processes");

// The file must hold real blocks: a write through a mapping into a hole on a full disk kills the process (SIGBUS).
Result<void> prepare(int descriptor, const std::string& name) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return fail(system_error("reading the state of " + name));
  if (!S_ISREG(status.st_mode))
    return fail(ErrorCode::invalid, "opening the change signal " + name + ": not a regular file; remove it");
  if ((status.st_mode & 0077) != 0)
    return fail(ErrorCode::invalid, "opening the change signal " + name + ": others may access it; run: chmod 600 " + name);
  if (status.st_size >= static_cast<off_t>(sizeof(Counter)) && status.st_blocks > 0) return {};
  const int error = posix_fallocate(descriptor, 0, sizeof(Counter));
  if (error != 0) return fail(system_error("reserving space for the change signal " + name, error));
  return {};
}

}  // namespace

Result<ChangeSignal> ChangeSignal::open(const std::filesystem::path& file) {
  const std::string name = file.string();
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (descriptor < 0) return fail(system_error("opening the change signal " + name));
  if (auto prepared = prepare(descriptor, name); !prepared) {
    close(descriptor);
    return fail(std::move(prepared).error());
  }
  void* const mapping = mmap(nullptr, sizeof(Counter), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  const int error = errno;
  close(descriptor);
  if (mapping == MAP_FAILED) return fail(system_error("mapping the change signal " + name, error));
  return ChangeSignal(static_cast<Counter*>(mapping));
}

ChangeSignal::ChangeSignal(ChangeSignal&& other) noexcept : counter_(std::exchange(other.counter_, nullptr)) {}

ChangeSignal& ChangeSignal::operator=(ChangeSignal&& other) noexcept {
  std::swap(counter_, other.counter_);
  return *this;
}

ChangeSignal::~ChangeSignal() {
  if (counter_ != nullptr) munmap(static_cast<void*>(counter_), sizeof(Counter));
}

}  // namespace packyard
