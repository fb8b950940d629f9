#include "promote/tar_reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <optional>

#include "core/check.h"

namespace packyard {
namespace {

struct Input {
  const ByteSource& source;
  std::optional<Error> error;  // what the source said; libarchive only learns that it failed
};

la_ssize_t read_block(archive*, void* context, const void** block) {
  auto& input = *static_cast<Input*>(context);
  auto piece = input.source();
  if (!piece) {
    input.error = piece.error();
    return -1;
  }
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

Result<std::string> entry_bytes(archive* opened, const Input& input, std::size_t limit_bytes) {
  std::string bytes;
  char block[16384];
  while (true) {
    const la_ssize_t got = archive_read_data(opened, block, sizeof block);
    if (got < 0) return fail(archive_error(opened, input));
    if (got == 0) return bytes;
    bytes.append(block, static_cast<std::size_t>(got));
    if (bytes.size() > limit_bytes)
      return fail(ErrorCode::invalid, "an entry is larger than " + std::to_string(limit_bytes) + " bytes");
  }
}

}  // namespace

Result<void> read_tar(const ByteSource& source, const TarVisitor& visit) {
  Input input{source, {}};
  const std::unique_ptr<archive, ArchiveCloser> opened(archive_read_new());
  CHECK(opened != nullptr);
  CHECK(archive_read_support_format_tar(opened.get()) == ARCHIVE_OK);
  if (archive_read_open(opened.get(), &input, nullptr, read_block, nullptr) != ARCHIVE_OK)
    return fail(archive_error(opened.get(), input));
  archive_entry* met = nullptr;
  while (true) {
    const int outcome = archive_read_next_header(opened.get(), &met);
    if (outcome == ARCHIVE_EOF) break;
    if (outcome != ARCHIVE_OK && outcome != ARCHIVE_WARN) return fail(archive_error(opened.get(), input));
    // The bytes as stored; a pax archive has UTF-8, which the C locale of a service cannot give as a plain string.
    const char* path = archive_entry_pathname(met);
    if (path == nullptr) path = archive_entry_pathname_utf8(met);
    if (path == nullptr) return fail(ErrorCode::invalid, "the tar archive has an entry without a readable name");
    TarEntry entry;
    entry.path = path;
    entry.is_folder = archive_entry_filetype(met) == AE_IFDIR;
    entry.is_file = archive_entry_filetype(met) == AE_IFREG && archive_entry_hardlink(met) == nullptr;
    entry.size_bytes = static_cast<std::uint64_t>(archive_entry_size(met));
    TRY(visit(entry, [&](std::size_t limit_bytes) { return entry_bytes(opened.get(), input, limit_bytes); }));
  }
  // Behind the archive's end only zeros may follow, up to the end of the compressed stream and its checksum.
  while (true) {
    TRY_ASSIGN(const std::string_view rest, source());
    if (rest.empty()) return {};
    if (rest.find_first_not_of('\0') != std::string_view::npos)
      return fail(ErrorCode::invalid, "bytes follow the end of the tar archive");
  }
}

}  // namespace packyard
