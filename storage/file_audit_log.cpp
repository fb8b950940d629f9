#include "storage/file_audit_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "core/descriptor.h"
#include "core/durable_file.h"
#include "core/json_text.h"
#include "storage/backward_lines.h"

namespace packyard {
namespace {

constexpr std::chrono::seconds turn_deadline{30};
constexpr std::chrono::milliseconds lock_pause{5};
constexpr std::size_t head_bytes_max = 128;
constexpr int unreadable_lines_max = 1000;  // passed over in search of one to go on from

Result<void> make_private_folder(const std::filesystem::path& folder) {
  if (mkdir(folder.c_str(), 0700) == 0) return sync_folder(folder.parent_path());
  if (errno != EEXIST) return fail(system_error("making the folder of the audit log " + folder.string()));
  return {};
}

// By trying, as the file's lock below: the sanitizers of older compilers do not know a mutex that waits by the steady clock.
Result<void> lock_own(std::unique_lock<std::mutex>& own, const std::string& name, std::chrono::steady_clock::time_point deadline) {
  while (!own.try_lock()) {
    if (std::chrono::steady_clock::now() >= deadline)
      return fail(ErrorCode::unavailable, "waiting for the audit log " + name + ": another change takes too long");
    std::this_thread::sleep_for(lock_pause);
  }
  return {};
}

Result<void> lock_file(int descriptor, const std::string& name, std::chrono::steady_clock::time_point deadline) {
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return fail(system_error("locking the audit log " + name));
    if (std::chrono::steady_clock::now() >= deadline)
      return fail(ErrorCode::unavailable, "locking the audit log " + name + ": another process holds it too long");
    std::this_thread::sleep_for(lock_pause);
  }
  return {};
}

Result<std::uint64_t> size_of(int descriptor, const std::string& name) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return fail(system_error("reading the size of the audit log " + name));
  return static_cast<std::uint64_t>(status.st_size);
}

// What is there when a turn begins.
struct Found {
  AuditHead newest;                   // of the lines that can be read
  std::uint64_t unreadable = 0;       // lines behind it
  std::string torn;                   // behind those
  bool lacks_line_end = false;        // the last line, which is whole but for that
  std::optional<AuditHead> head{};    // what the head says
  bool is_head_damaged = false;
  bool has_lines = false;

  bool is_in_order() const {
    return unreadable == 0 && torn.empty() && !lacks_line_end && !is_head_damaged && (head ? *head == newest : !has_lines);
  }
  // The chain goes on behind whichever goes farther: a gap tells of what is lost, a sequence used twice would not.
  AuditHead end() const { return head && head->sequence > newest.sequence ? *head : newest; }

  std::string as_json() const {
    std::string text;
    const auto add = [&](std::string_view name, const std::string& value) {
      text += (text.empty() ? "" : ",") + json_text(name) + ":" + value;
    };
    if (lacks_line_end) add("line_end", "\"missing\"");
    if (!torn.empty()) add("torn_bytes", std::to_string(torn.size()));
    if (!torn.empty()) add("torn_sha256", json_text(sha256(torn).hex()));
    if (unreadable > 0) add("unreadable_lines", std::to_string(unreadable));
    if (is_head_damaged) add("head", "\"damaged\"");
    if (!is_head_damaged && !head && has_lines) add("head", "\"missing\"");
    if (head && head->sequence > newest.sequence)
      add("lost", "[" + std::to_string(newest.sequence + 1) + "," + std::to_string(head->sequence) + "]");
    if (head && head->sequence < newest.sequence)
      add("not_done", "[" + std::to_string(head->sequence + 1) + "," + std::to_string(newest.sequence) + "]");
    if (head && head->sequence == newest.sequence && head->hash != newest.hash) add("head", "\"of another line\"");
    return "{" + text + "}";
  }
};

Result<Found> look_at(int descriptor, std::uint64_t size_bytes, const AuditFiles& files) {
  Found found;
  found.has_lines = size_bytes > 0;
  auto head = read_audit_head(files.head);
  if (!head && head.error().code != ErrorCode::corrupt) return fail(std::move(head).error());
  found.is_head_damaged = !head;
  if (head) found.head = *head;
  BackwardLines lines(descriptor, size_bytes, audit_line_bytes_max);
  for (int passed = 0; passed < unreadable_lines_max; ++passed) {
    auto line = lines.next();
    if (!line && line.error().code != ErrorCode::corrupt) return fail(line.error().in("reading the audit log " + files.log.string()));
    if (!line || !*line) break;
    if (const auto read = read_audit_line((*line)->text)) {
      found.newest = read->head;
      found.lacks_line_end = !(*line)->is_whole;
      return found;
    }
    if ((*line)->is_whole)
      ++found.unreadable;
    else
      found.torn = std::move((*line)->text);
  }
  return found;
}

class FileTurn final : public AuditTurn {
 public:
  FileTurn(std::unique_lock<std::mutex> own, int descriptor, const AuditFiles& files, const Log& log)
      : own_(std::move(own)), descriptor_(descriptor), files_(files), log_(log) {}

  Result<void> put_in_order(Timestamp now) {
    TRY_ASSIGN(const std::uint64_t size_bytes, size_of(descriptor_.number(), files_.log.string()));
    TRY_ASSIGN(const Found found, look_at(descriptor_.number(), size_bytes, files_));
    end_ = found.end();
    if (found.is_in_order()) return {};
    const AuditEntry entry{"packyard", "local", "audit_recovered", files_.log.filename().string(), {}, found.as_json()};
    log_.warning("audit_recovered", {{"log", files_.log.string()}, {"found", entry.after}});
    return append({&entry, 1}, AuditOutcome::recovered, now, found.torn.empty() && !found.lacks_line_end ? "" : "\n");
  }

  Result<void> write(std::span<const AuditEntry> entries, Timestamp now) override {
    return append(entries, AuditOutcome::done, now, "");
  }

  Result<void> write_failed(std::span<const AuditEntry> entries, std::string_view why, Timestamp now) override {
    std::vector<AuditEntry> failed(entries.begin(), entries.end());
    for (AuditEntry& entry : failed) {
      entry.before.clear();
      entry.after = "{\"why\":" + json_text(why) + "}";
    }
    return append(failed, AuditOutcome::failed, now, "");
  }

  Result<void> newest_first(const std::function<bool(const AuditLine&)>& use) override {
    TRY_ASSIGN(const std::uint64_t size_bytes, size_of(descriptor_.number(), files_.log.string()));
    BackwardLines lines(descriptor_.number(), size_bytes, audit_line_bytes_max);
    while (true) {
      TRY_ASSIGN(const auto line, lines.next());
      if (!line) return {};
      const auto read = read_audit_line(line->text);
      if (!read || !use(*read)) return {};
    }
  }

 private:
  Result<void> append(std::span<const AuditEntry> entries, AuditOutcome outcome, Timestamp now, std::string text) {
    if (entries.empty()) return {};
    AuditHead end = end_;
    for (const AuditEntry& entry : entries) {
      WrittenAuditLine line = write_audit_line(end, now, entry, outcome);
      if (line.text.size() > audit_line_bytes_max)
        return fail(ErrorCode::invalid, "writing to the audit log " + files_.log.string() + ": a line would be longer than 1 MiB");
      text += line.text;
      end = line.head;
    }
    TRY_ASSIGN(const std::uint64_t size_before, size_of(descriptor_.number(), files_.log.string()));
    if (auto written = write_synced(text, end, size_before); !written) {
      // Nobody has been told of these lines. Where even this fails, the next turn says so.
      if (ftruncate(descriptor_.number(), static_cast<off_t>(size_before)) == 0) fdatasync(descriptor_.number());
      return fail(ErrorCode::unavailable, written.error().message);
    }
    end_ = end;
    log_.info("audit_written", {{"log", files_.log.filename().string()}, {"head", end.text()}});
    return {};
  }

  Result<void> write_synced(std::string_view text, const AuditHead& end, std::uint64_t size_before) {
    const std::string attempted = "writing to the audit log " + files_.log.string();
    std::uint64_t at = size_before;
    while (!text.empty()) {
      const ssize_t count = pwrite(descriptor_.number(), text.data(), text.size(), static_cast<off_t>(at));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return fail(system_error(attempted));
      at += static_cast<std::uint64_t>(count);
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    if (fdatasync(descriptor_.number()) != 0) return fail(system_error(attempted));
    return write_file_durably(files_.head, end.text() + "\n", FileMode::owner_only);
  }

  const std::unique_lock<std::mutex> own_;
  const Descriptor descriptor_;  // closing it frees the lock
  const AuditFiles& files_;
  const Log& log_;
  AuditHead end_;
};

}  // namespace

Result<std::optional<AuditHead>> read_audit_head(const std::filesystem::path& file) {
  auto text = read_small_file(file, head_bytes_max);
  if (!text && text.error().code == ErrorCode::not_found) return std::optional<AuditHead>();
  if (!text && text.error().code != ErrorCode::invalid) return fail(std::move(text).error());
  auto head = text && text->ends_with('\n') ? AuditHead::parse(std::string_view(*text).substr(0, text->size() - 1))
                                            : Result<AuditHead>(fail(ErrorCode::invalid, "it is not one line"));
  if (!head) return fail(ErrorCode::corrupt, "reading the head of the audit log " + file.string() + ": " + head.error().message);
  return std::optional(*head);
}

Result<std::unique_ptr<AuditTurn>> FileAuditLog::begin(Timestamp now) {
  const auto deadline = std::chrono::steady_clock::now() + turn_deadline;
  std::unique_lock own(mutex_, std::defer_lock);
  TRY(lock_own(own, files_.log.string(), deadline));
  TRY(make_private_folder(files_.log.parent_path()));
  const bool is_new = access(files_.log.c_str(), F_OK) != 0;
  const int descriptor = open(files_.log.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return fail(system_error("opening the audit log " + files_.log.string()));
  auto turn = std::make_unique<FileTurn>(std::move(own), descriptor, files_, log_);
  TRY(lock_file(descriptor, files_.log.string(), deadline));
  if (is_new) TRY(sync_folder(files_.log.parent_path()));
  TRY(turn->put_in_order(now));
  return std::unique_ptr<AuditTurn>(std::move(turn));
}

}  // namespace packyard
