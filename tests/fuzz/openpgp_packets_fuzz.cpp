// Armor, packets, keys and signatures from outside.
#include <cstdint>
#include <string_view>

#include "core/openpgp_armor.h"
#include "signer/openpgp_packets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto armored = packyard::read_openpgp_armor(text, packyard::armored_public_key);
  const auto packets = packyard::read_openpgp_packets(armored ? std::string_view(*armored) : text);
  if (!packets) return 0;
  for (const auto& packet : *packets) {
    (void)packyard::read_openpgp_signature(packet.body).has_value();
    (void)packyard::read_openpgp_public_key(packet.body).has_value();
  }
  (void)packyard::read_signer_key_ids(text).has_value();
  return 0;
}
