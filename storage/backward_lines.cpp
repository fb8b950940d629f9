#include "storage/backward_lines.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace packyard {
namespace {
constexpr std::uint64_t block_bytes = 64 * 1024;
}

Result<void> BackwardLines::read_block() {
  std::string block(std::min(block_bytes, at_), '\0');
  std::size_t got = 0;
  while (got < block.size()) {
    const ssize_t count =
        pread(descriptor_, block.data() + got, block.size() - got, static_cast<off_t>(at_ - block.size() + got));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(system_error("reading lines from the end of a file"));
    if (count == 0) return fail(ErrorCode::unavailable, "reading lines from the end of a file: it became shorter meanwhile");
    got += static_cast<std::size_t>(count);
  }
  at_ -= block.size();
  unused_.insert(0, block);
  return {};
}

Result<std::optional<BackwardLines::Line>> BackwardLines::next() {
  if (unused_.empty() && at_ > 0) TRY(read_block());
  if (unused_.empty()) return std::optional<Line>();
  Line line;
  line.is_whole = !is_first_ || unused_.ends_with('\n');
  is_first_ = false;
  if (unused_.ends_with('\n')) unused_.pop_back();
  std::size_t end = unused_.rfind('\n');
  while (end == std::string::npos && at_ > 0) {
    if (unused_.size() > line_bytes_max_)
      return fail(ErrorCode::corrupt, "a line is longer than " + std::to_string(line_bytes_max_) + " bytes");
    TRY(read_block());
    end = unused_.rfind('\n');
  }
  const std::size_t begin = end == std::string::npos ? 0 : end + 1;
  line.text = unused_.substr(begin);
  unused_.resize(begin);
  return std::optional(std::move(line));
}

}  // namespace packyard
