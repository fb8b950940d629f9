// UnpackedArchive: what a staged image tar held, once oci_unpacker has read it: each regular member as a numbered file of a
// private scratch folder, with size and SHA-256, and links resolved to such members. Names are normalised: no leading "./", no
// empty or "." parts; never absolute, never "..". The scratch folder belongs to whoever gave it. A plain value.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/result.h"

namespace packyard {

struct UnpackedMember {
  std::filesystem::path file;
  std::uint64_t size_bytes = 0;
  Sha256 sha256;
};

struct UnpackedArchive {
  std::map<std::string, UnpackedMember> members;
  std::map<std::string, std::string> links;  // symbolic and hard links, by name: a name in members

  // By a name as a document of the archive says it; nullptr when there is none.
  const UnpackedMember* find(std::string_view name) const;
};

// "./a//b" is "a/b", "./" is "". Invalid when it is absolute or has a ".." part.
Result<std::string> normalise_member_name(std::string_view name);
// As normalise_member_name, but ".." goes up from `folder` (normalised): how a symbolic link is read. Never above the archive.
Result<std::string> resolve_member_name(std::string_view folder, std::string_view name);

}  // namespace packyard
