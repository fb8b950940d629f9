// The checksum file that CI uploads beside each package.
#include <cstddef>
#include <cstdint>

#include "core/check.h"
#include "promote/checksum_file.h"
#include "promote/staged_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto digest = packyard::parse_checksum_file(text, "acme_1.0_amd64.deb");
  if (digest) CHECK(text.size() >= 64 && text.find('\n') >= text.size() - 1);
  const auto set = packyard::parse_staged_set(text);
  if (set)
    for (const auto& [name, sum] : *set) CHECK(!name.empty() && name.find('/') == std::string::npos);
  return 0;
}
