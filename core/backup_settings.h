// BackupSettings: the section `backup` of the settings: where backups go, who can open them, how many stay. Apart from Settings,
// because one command needs it and what serves customers need not know. load_settings judges it with all the rest. Plain values;
// holds no secrets. Fails as invalid with every problem, like load_settings.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/environment.h"
#include "core/result.h"
#include "core/settings.h"
#include "core/settings_section.h"

namespace packyard {

// What opens a destination on S3: no settings, read by who needs them, from these or …_FILE (signer/secret_variables.h).
inline constexpr std::string_view backup_access_key_variable = "PACKYARD_BACKUP_ACCESS_KEY";
inline constexpr std::string_view backup_secret_key_variable = "PACKYARD_BACKUP_SECRET_KEY";

struct BackupSettings {
  std::filesystem::path destination;         // a folder; empty: none, or destination_s3
  std::optional<S3Settings> destination_s3;  // the same layout below its prefix
  std::vector<std::string> recipients;       // of age, for what is secret: "age1…", "ssh-ed25519 …"
  std::uint32_t keep_daily = 7;              // days of which the last backup stays
  std::uint32_t keep_before_change = 5;      // backups made with --before-change
  std::filesystem::path keys;                // of keys.db and peppers/; empty: storage.state
  std::vector<std::filesystem::path> also;   // more files, kept encrypted like the databases
};

Result<BackupSettings> load_backup_settings(const std::filesystem::path& file, const Environment& environment);
// The same from text; `folder` is what relative paths start from, `name` is what errors call the file.
Result<BackupSettings> parse_backup_settings(std::string_view text, const std::filesystem::path& folder, std::string_view name,
                                             const Environment& environment);

BackupSettings read_backup_settings(SettingsSection& section, const std::filesystem::path& folder);

}  // namespace packyard
