#include "promote/index_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "core/durable_file.h"

namespace packyard {
namespace {
constexpr std::size_t block_size_bytes = 256 * 1024;
}

Result<IndexFile> IndexFile::create(const std::filesystem::path& file) {
  TRY(make_folders(file.parent_path()));
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) return fail(system_error("creating " + file.string()));
  return IndexFile(file, descriptor);
}

IndexFile::IndexFile(IndexFile&& other) noexcept
    : file_(std::move(other.file_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      pending_(std::move(other.pending_)),
      hash_(std::move(other.hash_)),
      size_bytes_(other.size_bytes_) {}

IndexFile::~IndexFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<void> IndexFile::write(std::string_view bytes) {
  pending_.append(bytes);
  return pending_.size() >= block_size_bytes ? flush() : Result<void>();
}

Result<void> IndexFile::flush() {
  hash_.update(pending_);
  size_bytes_ += pending_.size();
  std::string_view rest = pending_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(system_error("writing " + file_.string()));
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  pending_.clear();
  return {};
}

Result<FileDigest> IndexFile::finish(Timestamp modified) {
  TRY(flush());
  const timespec moment{modified.seconds, 0};
  const timespec both[2] = {moment, moment};
  // Against the umask: nginx reads as another user.
  if (fchmod(descriptor_, 0644) != 0 || futimens(descriptor_, both) != 0)
    return fail(system_error("setting mode and time of " + file_.string()));
  if (close(std::exchange(descriptor_, -1)) != 0) return fail(system_error("closing " + file_.string()));
  return FileDigest{hash_.finish(), size_bytes_};
}

Result<FileDigest> write_index_file(const std::filesystem::path& file, std::string_view bytes, Timestamp modified) {
  TRY_ASSIGN(IndexFile opened, IndexFile::create(file));
  TRY(opened.write(bytes));
  return opened.finish(modified);
}

Result<FileDigest> compress_index_file(const std::filesystem::path& plain, const std::filesystem::path& packed,
                                       Compression compression, Timestamp modified) {
  const int descriptor = open(plain.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return fail(system_error("opening " + plain.string()));
  auto work = [&]() -> Result<FileDigest> {
    TRY_ASSIGN(IndexFile file, IndexFile::create(packed));
    const auto compressor = make_compressor(compression, [&](std::string_view bytes) { return file.write(bytes); });
    std::string block(block_size_bytes, '\0');
    while (true) {
      const ssize_t got = read(descriptor, block.data(), block.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(system_error("reading " + plain.string()));
      if (got == 0) break;
      TRY(compressor->write({block.data(), static_cast<std::size_t>(got)}));
    }
    TRY(compressor->finish());
    return file.finish(modified);
  };
  auto made = work();
  close(descriptor);
  return made;
}

}  // namespace packyard
