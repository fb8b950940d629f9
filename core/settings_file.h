// Loads config/packyard.yml into Settings: unknown names, wrong values and combinations that make no sense stop the start, all
// listed at once with file, line and reason. Every scalar can be overridden by a variable named after it (gate.listen:
// PACKYARD_GATE_LISTEN; lists separated by commas); an unknown PACKYARD_ variable is an error too. PKG_DOMAIN overrides site,
// GPG_KEY_ID signing.key_id. Relative paths are relative to the file's folder. All names with meaning: config/packyard.yml.
#pragma once

#include <filesystem>
#include <string>

#include "core/environment.h"
#include "core/result.h"
#include "core/settings.h"

namespace packyard {

Result<Settings> load_settings(const std::filesystem::path& file, const Environment& environment);
// The same from text; `folder` is what relative paths start from, `name` is what errors call the file.
Result<Settings> parse_settings(std::string_view text, const std::filesystem::path& folder, std::string_view name,
                                const Environment& environment);

}  // namespace packyard
