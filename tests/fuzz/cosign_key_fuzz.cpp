// Key files from outside, up to where the password would be asked: scrypt's cost stays away. The first byte chooses what the rest
// is: 'j' the JSON inside the PEM block, which random bytes would never reach through base64; 'k' what stands behind the
// password, PKCS#8; else a whole file, private or public.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/base64.h"
#include "signer/cosign_key.h"
#include "signer/image_key_judge.h"
#include "signer/pem.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void read_file(std::string_view text) {
  const auto box = packyard::read_cosign_key_file(text);
  check(!box || box->ciphertext.size() > packyard::secret_box_tag_bytes);
  (void)packyard::image_key_fingerprint(text).has_value();
  // One text for every bytes, and back.
  if (const auto bytes = packyard::decode_base64(text)) check(packyard::encode_base64(*bytes) == text);
  check(packyard::decode_base64(packyard::encode_base64(text)).value_or("") == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  if (bytes[0] == 'j') {
    read_file(packyard::write_pem("ENCRYPTED COSIGN PRIVATE KEY", text));
  } else if (bytes[0] == 'k') {
    const auto key = packyard::P256Key::read(packyard::Secret(std::string(text)));
    check(!key || key->pkcs8()->reveal().size() == 138);
  } else {
    read_file(text);
  }
  return 0;
}
