// What signs an image, as verify reads it: payloads, bundles, statements and cosign.pub. The first byte chooses.
#include <cstdint>
#include <string_view>

#include "verify/image_signature_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace packyard;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  switch (bytes[0] % 4) {
    case 0: (void)read_simple_signing(text).has_value(); break;
    case 1:
      if (const auto envelope = read_bundle_envelope(text)) (void)read_statement(envelope->statement).has_value();
      break;
    case 2: (void)read_statement(text).has_value(); break;
    default: {
      const auto key = ImageKey::parse(text);
      if (key && key->verifies("x", text)) __builtin_trap();
    }
  }
  return 0;
}
