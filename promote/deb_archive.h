// DebArchive: the outer shape of a .deb: an ar archive of debian-binary, control.tar.* and data.tar.* (deb(5)). Checks that
// the members fill the file to its last byte, so that a truncated package is found without decompressing. Holds the open
// file; made for one thread. Everything wrong with the file is ErrorCode::invalid.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "promote/decompressor.h"

namespace packyard {

class DebArchive {
 public:
  static Result<DebArchive> open(const std::filesystem::path& file);
  DebArchive(DebArchive&& other) noexcept;
  DebArchive& operator=(DebArchive&&) = delete;
  ~DebArchive();

  // The members' tar streams, decompressed; reading one disturbs the other. Valid while this object is.
  Result<ByteSource> control_tar();
  Result<ByteSource> data_tar();

 private:
  struct Member {
    std::string name;
    std::uint64_t offset_bytes = 0;
    std::uint64_t size_bytes = 0;
  };
  explicit DebArchive(int descriptor) : descriptor_(descriptor) {}
  Result<void> read_members();
  Result<Member> read_member(std::uint64_t offset_bytes, std::uint64_t file_size_bytes);
  Result<std::string> read_at(std::uint64_t offset_bytes, std::size_t size_bytes);
  Result<ByteSource> tar_of(const Member& member);

  int descriptor_;
  std::string head_;  // the first 16 KiB: headers and small members in one read
  Member control_, data_;
};

}  // namespace packyard
