// Settings from any bytes: loads or gives an error; what loads is shown as text that loads again as the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/check.h"
#include "core/settings_file.h"
#include "core/settings_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto settings = packyard::parse_settings(text, "/base", "fuzzed", {});
  if (!settings) return 0;
  const std::string shown = packyard::settings_text(*settings);
  const auto again = packyard::parse_settings(shown, "/base", "shown", {});
  CHECK(again.has_value());
  CHECK(packyard::settings_text(*again) == shown);
  return 0;
}
