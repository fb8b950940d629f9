// Reads the section `storage` of the settings: folders of this machine, and staging as one of them or as a place in an S3 bucket.
// Used only by settings_file.cpp while loading; what is wrong becomes a problem of the section.
#pragma once

#include <filesystem>
#include <string_view>

#include "core/settings.h"
#include "core/settings_section.h"

namespace packyard {

// What opens an S3 staging place: no settings, read by who needs them, from these or …_FILE (signer/secret_variables.h).
inline constexpr std::string_view staging_access_key_variable = "PACKYARD_STAGING_ACCESS_KEY";
inline constexpr std::string_view staging_secret_key_variable = "PACKYARD_STAGING_SECRET_KEY";

// A section `s3`, of staging or of backups.
S3Settings read_s3_settings(SettingsSection& section);

void read_storage_settings(SettingsSection& section, StorageSettings& storage, const std::filesystem::path& folder);

}  // namespace packyard
