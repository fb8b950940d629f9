// Reads a tar stream (ustar, GNU, pax) entry by entry: names, kinds, sizes, and the bytes of entries the visitor asks for.
// libarchive stays in tar_reader.cpp; no compression there, the source gives plain bytes. Reads to the very end of the source, so
// that a checksum behind the archive is met. A damaged or truncated archive is ErrorCode::invalid. Nothing is written to disk.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "promote/decompressor.h"

namespace packyard {

struct TarEntry {
  std::string path;  // as stored, e.g. "./usr/bin/acme"
  bool is_folder = false;
  bool is_file = false;  // a regular file, not a link or device
  std::uint64_t size_bytes = 0;
};

// Gives the entry's bytes; fails as invalid when there are more than the limit.
using TarEntryBytes = std::function<Result<std::string>(std::size_t limit_bytes)>;
using TarVisitor = std::function<Result<void>(const TarEntry& entry, const TarEntryBytes& bytes)>;

Result<void> read_tar(const ByteSource& source, const TarVisitor& visit);

}  // namespace packyard
