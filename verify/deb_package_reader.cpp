#include "verify/deb_package_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "verify/input_decompressor.h"

namespace packyard {
namespace {

constexpr std::size_t control_member_bytes_max = 32 * 1024 * 1024;
constexpr std::size_t control_tar_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t tar_block = 512;

class File {
 public:
  explicit File(const std::filesystem::path& path) : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) {
    if (descriptor_ < 0) return;
    head_.resize(head_bytes_max);
    const ssize_t got = pread(descriptor_, head_.data(), head_.size(), 0);
    head_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  bool is_open() const { return descriptor_ >= 0; }
  // Exactly this many bytes at this place.
  Result<std::string> read_at(std::uint64_t offset, std::size_t length) const {
    if (offset + length <= head_.size()) return head_.substr(static_cast<std::size_t>(offset), length);
    std::string bytes(length, '\0');
    std::size_t filled = 0;
    while (filled < length) {
      const ssize_t got = pread(descriptor_, bytes.data() + filled, length - filled, static_cast<off_t>(offset + filled));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(system_error("reading a package"));
      if (got == 0) return fail(ErrorCode::invalid, "is no Debian package: it ends early");
      filled += static_cast<std::size_t>(got);
    }
    return bytes;
  }

 private:
  static constexpr std::size_t head_bytes_max = 16 * 1024;  // a small package's headers and control member in one read
  int descriptor_;
  std::string head_;
};

std::string_view without_padding(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '/')) text.remove_suffix(1);
  return text;
}

struct Member {
  std::string name;
  std::uint64_t begin = 0, size_bytes = 0;
};

Result<Member> read_member(const File& file, std::uint64_t offset) {
  TRY_ASSIGN(const std::string header, file.read_at(offset, 60));
  const std::string_view size = without_padding(std::string_view(header).substr(48, 10));
  Member member{std::string(without_padding(std::string_view(header).substr(0, 16))), offset + 60, 0};
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), member.size_bytes);
  if (!header.ends_with("`\n") || size.empty() || error != std::errc() || end != size.data() + size.size())
    return fail(ErrorCode::invalid, "is no Debian package: malformed ar member");
  return member;
}

Result<std::uint64_t> octal(std::string_view field) {
  std::uint64_t value = 0;
  bool any = false;
  for (const char c : field) {
    if (c == '\0' || c == ' ') {
      if (any) break;
      continue;
    }
    if (c < '0' || c > '7') return fail(ErrorCode::invalid, "has a malformed control.tar");
    value = value * 8 + static_cast<std::uint64_t>(c - '0');
    any = true;
  }
  return value;
}

}  // namespace

Result<std::string> find_control(std::string_view tar) {
  while (tar.size() >= tar_block) {
    const std::string_view header = tar.substr(0, tar_block);
    if (header.find_first_not_of('\0') == std::string_view::npos) break;
    TRY_ASSIGN(const std::uint64_t size, octal(header.substr(124, 12)));
    std::string_view name = header.substr(0, 100);
    name = name.substr(0, name.find('\0'));
    if (name.starts_with("./")) name.remove_prefix(2);
    tar.remove_prefix(tar_block);
    if (size > tar.size()) return fail(ErrorCode::invalid, "has a control.tar that ends early");
    if (name == "control" && (header[156] == '0' || header[156] == '\0')) return std::string(tar.substr(0, size));
    tar.remove_prefix(std::min<std::uint64_t>(tar.size(), (size + tar_block - 1) / tar_block * tar_block));
  }
  return fail(ErrorCode::invalid, "has no control file");
}

Result<std::string> read_deb_control(const std::filesystem::path& package) {
  const File file(package);
  if (!file.is_open()) return fail(system_error("opening " + package.string()));
  TRY_ASSIGN(const std::string magic, file.read_at(0, 8));
  if (magic != "!<arch>\n") return fail(ErrorCode::invalid, "is no Debian package: it is no ar archive");
  TRY_ASSIGN(const Member first, read_member(file, 8));
  if (first.name != "debian-binary" || first.size_bytes != 4)
    return fail(ErrorCode::invalid, "is no Debian package: debian-binary is not its first member");
  TRY_ASSIGN(const Member control, read_member(file, first.begin + first.size_bytes + first.size_bytes % 2));
  if (!control.name.starts_with("control.tar") || control.size_bytes > control_member_bytes_max)
    return fail(ErrorCode::invalid, "is no Debian package: control.tar is not its second member");
  TRY_ASSIGN(const std::string packed, file.read_at(control.begin, static_cast<std::size_t>(control.size_bytes)));
  std::string tar;
  InputDecompressor decompressor(packing_of(control.name), control_tar_bytes_max, [&](std::string_view bytes) -> Result<void> {
    tar += bytes;
    return {};
  });
  TRY(decompressor.feed(packed));
  TRY(decompressor.finish());
  return find_control(tar);
}

}  // namespace packyard
