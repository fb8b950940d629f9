// Staged modules.yaml: what is taken names at least one module stream of two parts, or none when it holds defaults alone.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/check.h"
#include "promote/rpm_modules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto streams = packyard::module_streams({reinterpret_cast<const char*>(data), size});
  if (!streams) {
    CHECK(streams.error().code == packyard::ErrorCode::invalid);
    return 0;
  }
  for (const std::string& stream : *streams) CHECK(stream.size() >= 3 && stream.find(':') != std::string::npos);
  return 0;
}
