// Authorization from any bytes: what is accepted holds one split at the first colon and only printable ASCII.
#include <cstddef>
#include <cstdint>

#include "auth/basic_credentials.h"
#include "core/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view header(reinterpret_cast<const char*>(data), size);
  const auto credentials = packyard::BasicCredentials::parse(header);
  if (!credentials) return 0;
  CHECK(size <= packyard::authorization_bytes_max);
  CHECK(credentials->user().find(':') == std::string_view::npos);
  for (const std::string_view part : {credentials->user(), credentials->password()})
    for (const char c : part) CHECK(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  return 0;
}
