#include "promote/deb_archive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

namespace packyard {
namespace {

constexpr std::string_view archive_magic = "!<arch>\n";
constexpr std::size_t header_size_bytes = 60;
constexpr std::size_t block_size_bytes = 64 * 1024;
constexpr std::size_t head_bytes_max = 16 * 1024;
constexpr int members_max = 32;

std::string_view without_trailing(std::string_view text, char c) {
  while (!text.empty() && text.back() == c) text.remove_suffix(1);
  return text;
}

// A number and blanks behind it, as ar headers have them; -1 when it is anything else.
std::int64_t number_in(std::string_view field, int base) {
  field = without_trailing(field, ' ');
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number, base);
  return error == std::errc() && end == field.data() + field.size() && number >= 0 ? number : -1;
}

std::unexpected<Error> damaged(std::string_view why) {
  return fail(ErrorCode::invalid, "not an intact Debian package: " + std::string(why));
}

}  // namespace

DebArchive::DebArchive(DebArchive&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      head_(std::move(other.head_)),
      control_(std::move(other.control_)),
      data_(std::move(other.data_)) {}

DebArchive::~DebArchive() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<DebArchive> DebArchive::open(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return fail(system_error("opening " + file.string()));
  DebArchive archive(descriptor);
  TRY(archive.read_members());
  return archive;
}

Result<std::string> DebArchive::read_at(std::uint64_t offset_bytes, std::size_t size_bytes) {
  if (offset_bytes + size_bytes <= head_.size()) return head_.substr(static_cast<std::size_t>(offset_bytes), size_bytes);
  std::string bytes(size_bytes, '\0');
  std::size_t filled = 0;
  while (filled < size_bytes) {
    const ssize_t got = pread(descriptor_, bytes.data() + filled, size_bytes - filled, static_cast<off_t>(offset_bytes + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error("reading the package"));
    if (got == 0) return damaged("it is truncated");
    filled += static_cast<std::size_t>(got);
  }
  return bytes;
}

Result<DebArchive::Member> DebArchive::read_member(std::uint64_t offset_bytes, std::uint64_t file_size_bytes) {
  TRY_ASSIGN(const std::string text, read_at(offset_bytes, header_size_bytes));
  const std::string_view header = text;
  if (header.substr(58) != "`\n") return damaged("the header of an ar member is damaged");
  // Name, time, user, group, mode, size: only name and size matter, yet the others must be what ar writes.
  const std::int64_t size_bytes = number_in(header.substr(48, 10), 10);
  if (size_bytes < 0 || number_in(header.substr(16, 12), 10) < 0 || number_in(header.substr(28, 6), 10) < 0 ||
      number_in(header.substr(34, 6), 10) < 0 || number_in(header.substr(40, 8), 8) < 0)
    return damaged("the header of an ar member is damaged");
  Member member;
  member.name = without_trailing(without_trailing(header.substr(0, 16), ' '), '/');
  member.offset_bytes = offset_bytes + header_size_bytes;
  member.size_bytes = static_cast<std::uint64_t>(size_bytes);
  if (member.size_bytes > file_size_bytes - member.offset_bytes) return damaged("it is truncated in member " + member.name);
  return member;
}

Result<void> DebArchive::read_members() {
  struct stat status {};
  if (fstat(descriptor_, &status) != 0) return fail(system_error("asking for the package's size"));
  const auto file_size_bytes = static_cast<std::uint64_t>(status.st_size);
  TRY_ASSIGN(head_, read_at(0, static_cast<std::size_t>(std::min<std::uint64_t>(file_size_bytes, head_bytes_max))));
  TRY_ASSIGN(const std::string magic, read_at(0, archive_magic.size()));
  if (magic != archive_magic) return damaged("it does not begin as an ar archive");
  std::uint64_t offset_bytes = archive_magic.size();
  for (int number = 0; offset_bytes < file_size_bytes; ++number) {
    if (number == members_max) return damaged("more than 32 members");
    TRY_ASSIGN(const Member member, read_member(offset_bytes, file_size_bytes));
    offset_bytes = member.offset_bytes + member.size_bytes;
    if (number == 0) {
      if (member.name != "debian-binary" || member.size_bytes > 64) return damaged("its first member is not debian-binary");
      TRY_ASSIGN(const std::string version, read_at(member.offset_bytes, member.size_bytes));
      if (version != "2.0\n") return damaged("debian-binary does not say version 2.0");
    } else if (member.name.starts_with("control.tar") && control_.name.empty()) {
      control_ = member;
    } else if (member.name.starts_with("data.tar") && !control_.name.empty() && data_.name.empty()) {
      data_ = member;
    } else if (!member.name.starts_with("_")) {
      return damaged("unexpected member '" + member.name + "'");
    }
    if (member.size_bytes % 2 == 0 || offset_bytes == file_size_bytes) continue;
    TRY_ASSIGN(const std::string padding, read_at(offset_bytes++, 1));
    if (padding != "\n") return damaged("the padding behind member " + member.name + " is damaged");
  }
  if (data_.name.empty()) return damaged("it has no control.tar and data.tar; the file may be truncated");
  return {};
}

Result<ByteSource> DebArchive::tar_of(const Member& member) {
  // Shared by the copies a std::function makes.
  struct Position {
    std::uint64_t offset_bytes, left_bytes;
    std::string block;
  };
  const auto position = std::make_shared<Position>(Position{member.offset_bytes, member.size_bytes, {}});
  const ByteSource packed = [this, position]() -> Result<std::string_view> {
    const std::size_t wanted = std::min<std::uint64_t>(position->left_bytes, block_size_bytes);
    if (wanted == 0) return std::string_view();
    TRY_ASSIGN(position->block, read_at(position->offset_bytes, wanted));
    position->offset_bytes += wanted;
    position->left_bytes -= wanted;
    return position->block;
  };
  const std::string_view ending = std::string_view(member.name).substr(member.name.find(".tar") + 4);
  if (ending.empty()) return packed;
  const std::pair<std::string_view, Compression> endings[] = {
      {".xz", Compression::xz}, {".zst", Compression::zstd}, {".gz", Compression::gzip}};
  for (const auto& [known, compression] : endings) {
    if (ending != known) continue;
    const std::shared_ptr<Decompressor> decompressor = make_decompressor(compression, packed);
    return [decompressor] { return decompressor->read(); };
  }
  return fail(ErrorCode::invalid, "member " + member.name + " is not compressed with xz, zstd or gzip; build the package with " +
                                      "dpkg-deb -Zxz, -Zzstd or -Zgzip");
}

Result<ByteSource> DebArchive::control_tar() { return tar_of(control_); }
Result<ByteSource> DebArchive::data_tar() { return tar_of(data_); }

}  // namespace packyard
