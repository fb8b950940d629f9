#include "registry/published_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "core/descriptor.h"

namespace packyard {

Result<std::string> read_published_file(const std::string& file, std::size_t limit_bytes) {
  // Not blocking: a pipe in its place would keep the thread.
  const Descriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (descriptor.number() < 0) {
    if (errno == ELOOP) return fail(ErrorCode::corrupt, "opening " + file + ": it is a link, where the press writes a file");
    return fail(system_error("opening " + file));
  }
  struct stat status {};
  if (fstat(descriptor.number(), &status) != 0) return fail(system_error("looking at " + file));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::corrupt, "opening " + file + ": it is no regular file");
  if (static_cast<std::uintmax_t>(status.st_size) > limit_bytes)
    return fail(ErrorCode::corrupt, "reading " + file + ": larger than " + std::to_string(limit_bytes) + " bytes");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count = read(descriptor.number(), bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(system_error("reading " + file));
    if (count == 0) return fail(ErrorCode::corrupt, "reading " + file + ": it became shorter meanwhile");
    filled += static_cast<std::size_t>(count);
  }
  return bytes;
}

}  // namespace packyard
