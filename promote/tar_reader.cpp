#include "promote/tar_reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "core/check.h"

namespace packyard {
namespace {

// What libarchive may read to make up one entry: long names, attributes and maps of holes are kept in memory, at several times
// their size.
constexpr std::size_t header_bytes_max = 4 << 20;

struct Input {
  const ByteSource& source;
  std::optional<Error> error{};  // what the source said; libarchive only learns that it failed
  bool in_header = false;
  std::size_t header_bytes = 0;
  std::uint64_t given_bytes = 0;
  std::string_view last_piece{};
};

la_ssize_t read_block(archive*, void* context, const void** block) {
  auto& input = *static_cast<Input*>(context);
  if (input.in_header && input.header_bytes > header_bytes_max) {
    input.error = Error{ErrorCode::invalid, "an entry of the tar archive has a header above 4 MiB"};
    return -1;
  }
  auto piece = input.source();
  if (!piece) {
    input.error = piece.error();
    return -1;
  }
  if (input.in_header) input.header_bytes += piece->size();
  input.given_bytes += piece->size();
  input.last_piece = *piece;
  *block = piece->data();
  return static_cast<la_ssize_t>(piece->size());
}

struct ArchiveCloser {
  void operator()(archive* opened) const { archive_read_free(opened); }
};

Error archive_error(archive* opened, const Input& input) {
  if (input.error) return *input.error;
  const char* words = archive_error_string(opened);
  return Error{ErrorCode::invalid,
               std::string("the tar archive is damaged or truncated") + (words != nullptr ? std::string(": ") + words : "")};
}

class EntryBytes final : public TarEntryBytes {
 public:
  EntryBytes(archive* opened, const Input& input, std::uint64_t size_bytes)
      : opened_(opened), input_(input), size_bytes_(size_bytes) {}

  Result<std::string> read(std::size_t limit_bytes) const override {
    const auto too_large = [&] {
      return fail(ErrorCode::invalid, "an entry is larger than " + std::to_string(limit_bytes) + " bytes");
    };
    if (size_bytes_ > limit_bytes) return too_large();
    std::string bytes;
    TRY(stream([&](std::string_view piece) -> Result<void> {
      bytes += piece;
      if (bytes.size() > limit_bytes) return too_large();
      return {};
    }));
    return bytes;
  }

  Result<void> stream(const ByteSink& sink) const override {
    const void* block = nullptr;
    std::size_t block_bytes = 0;
    la_int64_t offset_bytes = 0;
    std::uint64_t got_bytes = 0;
    while (true) {
      const int outcome = archive_read_data_block(opened_, &block, &block_bytes, &offset_bytes);
      if (outcome == ARCHIVE_EOF) break;
      if (outcome != ARCHIVE_OK && outcome != ARCHIVE_WARN) return fail(archive_error(opened_, input_));
      if (block_bytes == 0) continue;
      if (static_cast<std::uint64_t>(offset_bytes) != got_bytes) return holes();
      TRY(sink({static_cast<const char*>(block), block_bytes}));
      got_bytes += block_bytes;
    }
    return got_bytes == size_bytes_ ? Result<void>() : holes();
  }

 private:
  static std::unexpected<Error> holes() {
    return fail(ErrorCode::invalid, "an entry has holes that the tar archive does not hold");
  }

  archive* opened_;
  const Input& input_;
  std::uint64_t size_bytes_;
};

// A text as stored; a pax archive has UTF-8, which the C locale of a service cannot give as a plain string.
const char* either(const char* stored, const char* utf8) { return stored != nullptr ? stored : utf8; }

Result<TarEntry> describe(archive_entry* met) {
  const char* const path = either(archive_entry_pathname(met), archive_entry_pathname_utf8(met));
  if (path == nullptr) return fail(ErrorCode::invalid, "the tar archive has an entry without a readable name");
  TarEntry entry;
  entry.path = path;
  entry.size_bytes = static_cast<std::uint64_t>(archive_entry_size(met));
  entry.is_sparse = archive_entry_sparse_count(met) > 0;
  const auto type = archive_entry_filetype(met);
  const char* target = either(archive_entry_hardlink(met), archive_entry_hardlink_utf8(met));
  if (target != nullptr) {
    entry.kind = TarEntryKind::hard_link;
  } else if (type == AE_IFLNK) {
    entry.kind = TarEntryKind::symbolic_link;
    target = either(archive_entry_symlink(met), archive_entry_symlink_utf8(met));
  } else {
    entry.kind = type == AE_IFREG ? TarEntryKind::file : type == AE_IFDIR ? TarEntryKind::folder : TarEntryKind::other;
  }
  if (target != nullptr) entry.link_target = target;
  return entry;
}

// Behind the archive's end only zeros may follow, up to the end of the compressed stream and its checksum.
Result<void> read_rest(const Input& input, std::uint64_t read_bytes) {
  const std::size_t unread_bytes = std::min<std::uint64_t>(input.given_bytes - read_bytes, input.last_piece.size());
  std::string_view rest = input.last_piece.substr(input.last_piece.size() - unread_bytes);
  while (true) {
    if (rest.find_first_not_of('\0') != std::string_view::npos)
      return fail(ErrorCode::invalid, "bytes follow the end of the tar archive");
    TRY_ASSIGN(rest, input.source());
    if (rest.empty()) return {};
  }
}

}  // namespace

Result<void> read_tar(const ByteSource& source, const TarVisitor& visit) {
  Input input{.source = source};
  const std::unique_ptr<archive, ArchiveCloser> opened(archive_read_new());
  CHECK(opened != nullptr);
  CHECK(archive_read_support_format_tar(opened.get()) == ARCHIVE_OK);
  if (archive_read_open(opened.get(), &input, nullptr, read_block, nullptr) != ARCHIVE_OK)
    return fail(archive_error(opened.get(), input));
  archive_entry* met = nullptr;
  for (bool is_first = true;; is_first = false) {
    // Unread bytes are passed over here, so that what the next call reads is a header alone.
    if (!is_first && archive_read_data_skip(opened.get()) < ARCHIVE_WARN) return fail(archive_error(opened.get(), input));
    input.in_header = true;
    input.header_bytes = 0;
    const int outcome = archive_read_next_header(opened.get(), &met);
    input.in_header = false;
    if (outcome == ARCHIVE_EOF) return read_rest(input, static_cast<std::uint64_t>(archive_filter_bytes(opened.get(), 0)));
    if (outcome != ARCHIVE_OK && outcome != ARCHIVE_WARN) return fail(archive_error(opened.get(), input));
    TRY_ASSIGN(const TarEntry entry, describe(met));
    TRY(visit(entry, EntryBytes(opened.get(), input, entry.size_bytes)));
  }
}

}  // namespace packyard
