// OciUnpacker: reads a staged image tar while somebody else copies and hashes it: takes its bytes in pieces, on a thread of its
// own, and writes each regular member once, as a numbered file into a private scratch folder, hashing it. No path is ever made
// from a member's name. Memory is flat (about 2 MiB), whatever the members' sizes.
// Refused as ErrorCode::invalid, with words for the vendor: a compressed archive, absolute names, "..", links that leave the
// archive, loop or point at nothing, devices and fifos, one name with different contents, holes (sparse members: the only way in
// which a tar holds more bytes than it has), too many members, names too long, truncation and garbage.
// What is wrong with the archive is told by finish() alone, so that a caller who compares a checksum of the whole can say first
// that the upload was damaged; write() fails only for reasons of our own (no room). Written and finished by one thread.
// Formats: POSIX.1-2001 pax, GNU tar; docker-archive and OCI layout need no more.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "core/result.h"
#include "promote/background_reader.h"
#include "promote/unpacked_archive.h"

namespace packyard {

struct UnpackLimits {
  std::size_t members_max = 20'000;  // folders and links count too
  std::size_t name_bytes_max = 1024;
};

class OciUnpacker {
 public:
  // `scratch` must exist and be empty; it stays the caller's, also after a failure.
  explicit OciUnpacker(std::filesystem::path scratch, UnpackLimits limits = {});
  OciUnpacker(const OciUnpacker&) = delete;
  OciUnpacker& operator=(const OciUnpacker&) = delete;
  ~OciUnpacker();

  Result<void> write(std::string_view bytes);
  // Call once, last.
  Result<UnpackedArchive> finish();

 private:
  class Members;
  std::unique_ptr<Members> members_;
  BackgroundReader reader_;  // last: its thread uses members_
};

}  // namespace packyard
