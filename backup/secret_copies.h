// Copies of what is secret, made while the gate and the admin go on: the key database (a consistent copy by SQLite, in one read
// transaction), the peppers it needs, the settings and what the operator named besides. In a private folder that the caller
// removes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backup/kept_path.h"
#include "core/result.h"

namespace packyard {

struct SecretCopy {
  KeptPath path;
  std::filesystem::path file;
  std::uint64_t modified_ns = 0;  // of what was copied
};

struct SecretSources {
  std::filesystem::path keys;           // folder of keys.db and peppers/
  std::filesystem::path settings_file;  // as it stands; empty: none
  std::string settings_in_force;        // core/settings_text
  std::vector<std::filesystem::path> also;
};

// A database while others use it; checked for damage, so that no backup replaces good ones with a broken one. not_found when
// there is none.
Result<SecretCopy> copy_database(const std::filesystem::path& file, std::string_view kept_as,
                                 const std::filesystem::path& folder);

// keys.db first, then the peppers: those that its rows name are there by then.
Result<std::vector<SecretCopy>> copy_secrets(const SecretSources& sources, const std::filesystem::path& folder);

}  // namespace packyard
