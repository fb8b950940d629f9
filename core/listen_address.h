// Reads an address to listen on, "127.0.0.1:8080" or "[::1]:8080", from a setting; what is no such becomes a problem of the section.
#pragma once

#include <string_view>

#include "core/settings.h"
#include "core/settings_section.h"

namespace packyard {

void read_address(SettingsSection& section, std::string_view name, ListenAddress& into);

}  // namespace packyard
