// The effective settings as YAML for `packyard check-config`: loadable again, no secrets in it.
#pragma once

#include <string>

#include "core/settings.h"

namespace packyard {

std::string settings_text(const Settings& settings);

}  // namespace packyard
