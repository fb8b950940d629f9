#include "promote/deb_contents.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <queue>

#include "core/check.h"
#include "core/durable_file.h"

namespace packyard {
namespace {

constexpr std::size_t block_size_bytes = 64 * 1024;
constexpr std::size_t path_columns = 60;
constexpr std::size_t line_cost_bytes = 48;  // what a short std::string in a vector costs beside its text

Result<void> write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(system_error("writing a sorted part of Contents"));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

// Reads a sorted run line by line; lines end with NUL.
class DebContents::Run {
 public:
  explicit Run(int descriptor) : descriptor_(descriptor) {}
  const std::string& line() const { return line_; }
  // False at the end.
  Result<bool> next() {
    while (true) {
      if (const std::size_t end = block_.find('\0', position_); end != std::string::npos) {
        line_.assign(block_, position_, end - position_);
        position_ = end + 1;
        return true;
      }
      block_.erase(0, position_);
      position_ = 0;
      const std::size_t kept = block_.size();
      block_.resize(kept + block_size_bytes);
      const ssize_t got = pread(descriptor_, block_.data() + kept, block_size_bytes, offset_bytes_);
      block_.resize(kept + (got > 0 ? static_cast<std::size_t>(got) : 0));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(system_error("reading a sorted part of Contents"));
      if (got == 0) return false;
      offset_bytes_ += got;
    }
  }

 private:
  int descriptor_;
  off_t offset_bytes_ = 0;
  std::string block_, line_;
  std::size_t position_ = 0;
};

DebContents::~DebContents() {
  for (const int run : runs_) close(run);
}

Result<void> DebContents::add(std::string_view path, std::string_view location) {
  std::string line;
  line.reserve(path.size() + 1 + location.size());
  line.append(path).append("\n").append(location);
  line_bytes_ += line.size() + line_cost_bytes;
  lines_.push_back(std::move(line));
  return line_bytes_ > run_bytes_max_ ? spill() : Result<void>();
}

Result<void> DebContents::spill() {
  std::ranges::sort(lines_);
  TRY(make_folders(scratch_));
  std::string name = (scratch_ / ".contents-").string() + std::string(6, 'X');  // mkostemp fills in the six
  const int run = mkostemp(name.data(), O_CLOEXEC);
  if (run < 0) return fail(system_error("creating a file for a sorted part of Contents in " + scratch_.string()));
  runs_.push_back(run);
  unlink(name.c_str());
  std::string block;
  for (const std::string& line : lines_) {
    block.append(line).push_back('\0');
    if (block.size() < block_size_bytes) continue;
    TRY(write_all(run, block));
    block.clear();
  }
  TRY(write_all(run, block));
  lines_.clear();
  line_bytes_ = 0;
  return {};
}

Result<void> DebContents::write(const ByteSink& sink) {
  TRY(spill());
  std::vector<Run> readers(runs_.begin(), runs_.end());
  const auto later = [](const Run* left, const Run* right) { return left->line() > right->line(); };
  std::priority_queue<Run*, std::vector<Run*>, decltype(later)> queue(later);
  for (Run& reader : readers) {
    TRY_ASSIGN(const bool any, reader.next());
    if (any) queue.push(&reader);
  }
  std::string path, locations, last;
  const auto flush = [&]() -> Result<void> {
    if (path.empty()) return {};
    const std::string blanks(path.size() < path_columns ? path_columns - path.size() : 1, ' ');
    return sink(path + blanks + locations + "\n");
  };
  while (!queue.empty()) {
    Run* const first = queue.top();
    queue.pop();
    if (first->line() != last) {
      last = first->line();
      const std::size_t separator = last.find('\n');
      CHECK(separator != std::string::npos);
      if (last.compare(0, separator, path) == 0 && separator == path.size()) {
        locations += "," + last.substr(separator + 1);
      } else {
        TRY(flush());
        path = last.substr(0, separator);
        locations = last.substr(separator + 1);
      }
    }
    TRY_ASSIGN(const bool more, first->next());
    if (more) queue.push(first);
  }
  return flush();
}

}  // namespace packyard
