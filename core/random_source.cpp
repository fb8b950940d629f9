#include "core/random_source.h"

#include <sys/random.h>

#include <cerrno>

#include "core/check.h"

namespace packyard {

void SystemRandomSource::fill(std::span<std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = getrandom(bytes.data() + done, bytes.size() - done, 0);
    if (got < 0 && errno == EINTR) continue;
    CHECK(got > 0);
    done += static_cast<std::size_t>(got);
  }
}

}  // namespace packyard
