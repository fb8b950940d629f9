// The options of packyard keys that say what a key opens, for whom and how long: the same for making and for changing one.
#pragma once

#include <string>
#include <vector>

#include "admin/key_fields.h"
#include "core/result.h"

namespace CLI {
class App;
}

namespace packyard {

// What was given on the command line; must live until it was parsed.
struct KeyOptions {
  std::vector<std::string> components, years, formats, addresses;
  std::string label, not_before, expires_at, grace_seconds, requests_per_day, addresses_per_day, metadata;

  // Fails as invalid when metadata is not a JSON object or a number is none.
  Result<KeyFields> fields() const;
};

enum class KeyOptionUse { make, change };  // a change needs none of them, and takes values back with "none" or "all"
void add_key_options(CLI::App& command, KeyOptions& options, KeyOptionUse use);

}  // namespace packyard
