#include "backup/checked_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "core/descriptor.h"

namespace packyard {
namespace {

class LocalFileReader final : public ObjectReader {
 public:
  LocalFileReader(int number, std::string name) : descriptor_(number), name_(std::move(name)) {}
  Result<std::size_t> read(std::span<char> block) override {
    while (true) {
      const ssize_t got = ::read(descriptor_.number(), block.data(), block.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return fail(system_error("reading " + name_));
    }
  }
  int number() const { return descriptor_.number(); }

 private:
  Descriptor descriptor_;
  std::string name_;
};

Result<void> copy_all(ObjectReader& reader, int descriptor, const std::string& name) {
  std::vector<char> block(256 * 1024);
  while (true) {
    TRY_ASSIGN(const std::size_t got, reader.read(block));
    if (got == 0) return {};
    for (std::size_t at = 0; at < got;) {
      const ssize_t written = write(descriptor, block.data() + at, got - at);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return fail(system_error("writing " + name));
      at += static_cast<std::size_t>(written);
    }
  }
}

}  // namespace

Result<std::size_t> CheckedReader::read(std::span<char> block) {
  TRY_ASSIGN(const std::size_t got, inner_.read(block));
  size_bytes_ += got;
  if (got > 0) {
    stream_.update({block.data(), got});
    if (size_bytes_ <= expected_.size_bytes) return got;
  }
  if (size_bytes_ != expected_.size_bytes)
    return fail(
        ErrorCode::corrupt,
        name_ + (size_bytes_ > expected_.size_bytes ? " has more than " : " ends after ") +
            std::to_string(size_bytes_ > expected_.size_bytes ? expected_.size_bytes : size_bytes_) +
            (size_bytes_ > expected_.size_bytes ? " bytes" : " bytes instead of " + std::to_string(expected_.size_bytes)));
  if (const Sha256 found = stream_.finish(); found != expected_.sha256)
    return fail(ErrorCode::corrupt,
                name_ + " holds other bytes: its SHA-256 is " + found.hex() + " instead of " + expected_.sha256.hex());
  return std::size_t{0};
}

Result<std::unique_ptr<ObjectReader>> open_file(const std::filesystem::path& file) {
  const int number = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (number < 0) return fail(system_error("opening " + file.string()));
  auto reader = std::make_unique<LocalFileReader>(number, file.string());
  struct stat status {};
  if (fstat(number, &status) != 0) return fail(system_error("reading the kind of " + file.string()));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid, file.string() + " is not a plain file");
  return reader;
}

Result<void> write_file(const std::filesystem::path& file, ObjectReader& reader) {
  const Descriptor target(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (target.number() < 0) return fail(system_error("creating " + file.string()));
  auto written = copy_all(reader, target.number(), file.string());
  if (!written) unlink(file.c_str());
  return written;
}

}  // namespace packyard
