// Reads a tar stream (ustar, GNU, pax) entry by entry: names, kinds, sizes, link targets, and the bytes of entries the visitor
// asks for, whole or piece by piece. libarchive stays in tar_reader.cpp; no compression there, the source gives plain bytes.
// Reads to the very end of the source, so that a checksum behind the archive is met. A damaged or truncated archive is
// ErrorCode::invalid, so are headers above 4 MiB (what libarchive keeps in memory of an entry). Nothing is written to disk.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "promote/compressor.h"
#include "promote/decompressor.h"

namespace packyard {

enum class TarEntryKind { file, folder, symbolic_link, hard_link, other };  // other: devices, fifos, sockets

struct TarEntry {
  std::string path;  // as stored, e.g. "./usr/bin/acme"
  TarEntryKind kind = TarEntryKind::other;
  std::string link_target;  // as stored; of links
  std::uint64_t size_bytes = 0;
  bool is_sparse = false;  // has holes that the archive does not hold
};

// The bytes of the entry just met; ask at most once, within the visit.
class TarEntryBytes {
 public:
  virtual ~TarEntryBytes() = default;
  // Fails as invalid when there are more than the limit.
  virtual Result<std::string> read(std::size_t limit_bytes) const = 0;
  // Pieces are the source's own where possible. Holes are invalid.
  virtual Result<void> stream(const ByteSink& sink) const = 0;
};
using TarVisitor = std::function<Result<void>(const TarEntry& entry, const TarEntryBytes& bytes)>;

Result<void> read_tar(const ByteSource& source, const TarVisitor& visit);

}  // namespace packyard
