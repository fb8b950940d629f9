// BackupManifest: what one backup consists of: every file with its size and digest, every link, and the sealed objects that hold
// what is secret. As text one JSON object a line, ended by a line with the digest of all before it: a flipped bit or a missing
// end is found. Plain values and pure functions.
//   {"packyard_backup":1,"id":"20261121T201500Z-daily","version":"0.1.0","sealed":true,"release":42}
//   {"file":"public/pool/…","size":1,"sha256":"…","modified_ns":1}      bytes are the blob of that digest
//   {"link":"public/current","to":"releases/000042"}
//   {"secret":"keys/keys.db","size":1,"sha256":"…","modified_ns":1}     size and digest of the object as it is stored, encrypted
//   {"end":3,"sha256":"…"}                                              lines between the first and this
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backup/backup_id.h"
#include "backup/kept_path.h"
#include "core/digest.h"
#include "core/result.h"

namespace packyard {

struct KeptFile {
  KeptPath path;
  std::uint64_t size_bytes = 0;
  Sha256 sha256{};
  std::uint64_t modified_ns = 0;  // since 1970: fronts tell clients, and the newest pepper is the current one
};

struct KeptLink {
  KeptPath path;
  std::string target;
};

enum class Sealing { encrypted, none };

struct BackupManifest {
  BackupId id;
  std::string version;  // of the program that made it
  Sealing sealing = Sealing::encrypted;
  std::optional<std::uint64_t> release{};  // that customers read; unset: none was published yet
  std::vector<KeptFile> files{};
  std::vector<KeptLink> links{};
  std::vector<KeptFile> secrets{};  // their place in this list is the number of their object
};

std::string manifest_text(const BackupManifest& manifest);
// corrupt: damaged, or not one of ours.
Result<BackupManifest> parse_manifest(std::string_view text);

}  // namespace packyard
