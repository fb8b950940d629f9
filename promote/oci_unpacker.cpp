#include "promote/oci_unpacker.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <utility>

#include "core/descriptor.h"
#include "core/log.h"
#include "promote/tar_reader.h"

namespace packyard {
namespace {

constexpr int links_in_a_chain_max = 40;

std::string shown(std::string_view name) { return "'" + escape_for_log(name) + "'"; }

std::unexpected<Error> refuse(std::string_view name, std::string_view why) {
  return fail(ErrorCode::invalid, "the image archive has " + std::string(why) + ": " + shown(name));
}

Result<void> write_all(int descriptor, std::string_view bytes, const std::filesystem::path& file) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(system_error("unpacking an image to " + file.string()));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// A tar begins with a name; that of a compressed file would be none.
std::string_view compression_of(std::string_view head) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> magics = {{{"\x1f\x8b", "gzip"},
                                                                                    {"\x28\xb5\x2f\xfd", "zstd"},
                                                                                    {"\xfd"
                                                                                     "7zXZ",
                                                                                     "xz"},
                                                                                    {"BZh", "bzip2"}}};
  for (const auto& [magic, name] : magics)
    if (head.starts_with(magic)) return name;
  return {};
}

}  // namespace

// Lives on the reader's thread until that has ended.
class OciUnpacker::Members {
 public:
  Members(std::filesystem::path scratch, UnpackLimits limits) : scratch_(std::move(scratch)), limits_(limits) {}

  Result<void> read(const ByteSource& source) {
    bool is_first = true;
    const ByteSource looked_at = [&]() -> Result<std::string_view> {
      TRY_ASSIGN(const std::string_view piece, source());
      if (!std::exchange(is_first, false)) return piece;
      if (piece.empty()) return fail(ErrorCode::invalid, "the image archive is empty");
      if (const std::string_view compression = compression_of(piece); !compression.empty())
        return fail(ErrorCode::invalid, "the image archive is compressed with " + std::string(compression) +
                                            "; stage the plain tar: its layers are compressed already");
      return piece;
    };
    TRY(read_tar(looked_at, [this](const TarEntry& entry, const TarEntryBytes& bytes) { return take(entry, bytes); }));
    return resolve_links();
  }

  UnpackedArchive archive;

 private:
  Result<void> take(const TarEntry& entry, const TarEntryBytes& bytes) {
    if (++entries_ > limits_.members_max)
      return fail(ErrorCode::invalid, "the image archive has more than " + std::to_string(limits_.members_max) + " members");
    if (entry.path.size() > limits_.name_bytes_max || entry.link_target.size() > limits_.name_bytes_max)
      return refuse(entry.path, "a name longer than " + std::to_string(limits_.name_bytes_max) + " bytes");
    const auto normalised = normalise_member_name(entry.path);
    if (!normalised) return refuse(entry.path, normalised.error().message);
    switch (entry.kind) {
      case TarEntryKind::folder: return {};
      case TarEntryKind::file: return take_file(*normalised, entry, bytes);
      case TarEntryKind::symbolic_link:
      case TarEntryKind::hard_link: return take_link(*normalised, entry);
      case TarEntryKind::other: break;
    }
    return refuse(entry.path, "a device, fifo or socket");
  }

  Result<void> take_file(const std::string& name, const TarEntry& entry, const TarEntryBytes& bytes) {
    if (name.empty()) return refuse(entry.path, "a file without a name");
    if (entry.is_sparse) return refuse(entry.path, "a sparse member; make it without tar's --sparse");
    UnpackedMember member{scratch_ / std::to_string(files_++), 0, {}};
    const Descriptor output(open(member.file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (output.number() < 0) return fail(system_error("creating " + member.file.string()));
    Sha256Stream digest;
    TRY(bytes.stream([&](std::string_view piece) -> Result<void> {
      digest.update(piece);
      member.size_bytes += piece.size();
      return write_all(output.number(), piece, member.file);
    }));
    member.sha256 = digest.finish();
    const auto [known, is_new] = archive.members.try_emplace(name, member);
    if (is_new && !links_.contains(name)) return {};
    unlink(member.file.c_str());
    return !is_new && known->second.sha256 == member.sha256 ? Result<void>() : refuse(name, "two different members of one name");
  }

  Result<void> take_link(const std::string& name, const TarEntry& entry) {
    if (name.empty()) return refuse(entry.path, "a link without a name");
    if (entry.kind == TarEntryKind::hard_link && entry.size_bytes > 0) return refuse(name, "a hard link with bytes of its own");
    // A symbolic link is read from its folder, a hard link from the archive's root.
    const auto target = entry.kind == TarEntryKind::symbolic_link
                            ? resolve_member_name(std::string_view(name).substr(0, name.rfind('/') + 1), entry.link_target)
                            : normalise_member_name(entry.link_target);
    if (!target) return refuse(name, "a link to " + shown(entry.link_target) + ", outside of itself");
    const auto [known, is_new] = links_.try_emplace(name, *target);
    if ((!is_new && known->second != *target) || archive.members.contains(name))
      return refuse(name, "two different members of one name");
    return {};
  }

  Result<void> resolve_links() {
    for (const auto& [name, first] : links_) {
      const std::string* target = &first;
      for (int step = 0; !archive.members.contains(*target); ++step) {
        const auto next = links_.find(*target);
        if (next == links_.end()) return refuse(name, "a link to " + shown(*target) + ", which it does not hold");
        if (step == links_in_a_chain_max) return refuse(name, "a link that loops");
        target = &next->second;
      }
      archive.links.emplace(name, *target);
    }
    return {};
  }

  std::filesystem::path scratch_;
  UnpackLimits limits_;
  std::size_t entries_ = 0, files_ = 0;
  std::map<std::string, std::string> links_;  // as met, one step
};

OciUnpacker::OciUnpacker(std::filesystem::path scratch, UnpackLimits limits)
    : members_(std::make_unique<Members>(std::move(scratch), limits)),
      reader_([this](const ByteSource& source) { return members_->read(source); }) {}

OciUnpacker::~OciUnpacker() = default;

Result<void> OciUnpacker::write(std::string_view bytes) {
  auto written = reader_.write(bytes);
  return written || written.error().code == ErrorCode::invalid ? Result<void>() : written;
}

Result<UnpackedArchive> OciUnpacker::finish() {
  TRY(reader_.finish());
  return std::move(members_->archive);
}

}  // namespace packyard
