// Reads the section `admin` of the settings: where it listens, under which names, and who may do what with which token. Used only by
// settings_file.cpp while loading; what is wrong becomes a problem of the section.
#pragma once

#include <filesystem>

#include "core/settings.h"
#include "core/settings_section.h"

namespace packyard {

void read_admin_settings(SettingsSection& section, AdminSettings& admin, const std::filesystem::path& folder);

}  // namespace packyard
