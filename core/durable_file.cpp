#include "core/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "core/descriptor.h"

namespace packyard {
namespace {

Result<void> write_all(int descriptor, std::string_view bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(system_error("writing " + name));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<void> write_file_durably(const std::filesystem::path& file, std::string_view bytes, FileMode mode) {
  const std::string temporary = file.string() + ".new." + std::to_string(getpid());
  {
    const Descriptor descriptor(
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, static_cast<mode_t>(mode)));
    if (descriptor.number() < 0) return fail(system_error("creating " + temporary));
    auto written = write_all(descriptor.number(), bytes, temporary);
    if (written && fchmod(descriptor.number(), static_cast<mode_t>(mode)) != 0)
      written = fail(system_error("setting the mode of " + temporary));
    if (written && fsync(descriptor.number()) != 0) written = fail(system_error("syncing " + temporary));
    if (!written) {
      unlink(temporary.c_str());
      return written;
    }
  }
  if (rename(temporary.c_str(), file.c_str()) != 0) {
    const Error error = system_error("renaming " + temporary + " to " + file.string());
    unlink(temporary.c_str());
    return fail(error);
  }
  return sync_folder(file.parent_path());
}

Result<void> write_new_file(const std::filesystem::path& file, std::string_view bytes, FileMode mode) {
  const Descriptor descriptor(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
  if (descriptor.number() < 0) return fail(system_error("creating " + file.string()));
  return write_all(descriptor.number(), bytes, file.string());
}

Result<std::string> read_small_file(const std::filesystem::path& file, std::size_t limit_bytes) {
  const Descriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.number() < 0) return fail(system_error("opening " + file.string()));
  std::string bytes;
  char block[16384];
  while (true) {
    const ssize_t got = read(descriptor.number(), block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error("reading " + file.string()));
    if (got == 0) return bytes;
    bytes.append(block, static_cast<std::size_t>(got));
    if (bytes.size() > limit_bytes)
      return fail(ErrorCode::invalid, "reading " + file.string() + ": larger than " + std::to_string(limit_bytes) + " bytes");
  }
}

Result<void> make_folders(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(system_error("creating folder " + folder.string(), error.value()));
  return {};
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const Descriptor descriptor(open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.number() < 0) return fail(system_error("opening folder " + folder.string()));
  if (fsync(descriptor.number()) != 0) return fail(system_error("syncing folder " + folder.string()));
  return {};
}

Result<void> sync_file_system(const std::filesystem::path& path) {
  const Descriptor descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.number() < 0) return fail(system_error("opening " + path.string()));
  if (syncfs(descriptor.number()) != 0) return fail(system_error("syncing the file system of " + path.string()));
  return {};
}

Result<void> move_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (rename(from.c_str(), to.c_str()) == 0) return {};
  if (errno == ENOENT) {
    TRY(make_folders(to.parent_path()));
    if (rename(from.c_str(), to.c_str()) == 0) return {};
  }
  return fail(system_error("moving " + from.string() + " to " + to.string()));
}

}  // namespace packyard
