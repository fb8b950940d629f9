// The effective settings as YAML for `packyard check-config`: loadable again, no secrets in it.
#pragma once

#include <string>

#include "core/backup_settings.h"
#include "core/settings.h"

namespace packyard {

std::string settings_text(const Settings& settings);
// The section `backup`, which is not among them.
std::string settings_text(const BackupSettings& backup);

}  // namespace packyard
