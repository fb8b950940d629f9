// A secret encrypted under a password, as cosign keys are: key from scrypt (RFC 7914; r = 8, p = 1), then XSalsa20-Poly1305 as
// NaCl's secretbox makes it (16 bytes of tag before the text). Keys and plain texts are Secrets and wiped. Pure functions;
// thread-safe; one call takes 128 * 8 * N bytes of memory for its time (32 to 128 MiB) and tens to hundreds of milliseconds.
// OpenSSL's scrypt and libsodium stay in secret_box.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/result.h"
#include "core/secret.h"

namespace packyard {

// The only costs that cosign loads; 2^15 is the one that every version of it does.
enum class ScryptCost : std::uint32_t { two_to_15 = 32768, two_to_16 = 65536, two_to_17 = 131072 };

struct SecretBox {
  ScryptCost cost = ScryptCost::two_to_15;
  std::array<std::uint8_t, 32> salt{};
  std::array<std::uint8_t, 24> nonce{};
  std::string ciphertext;
};
inline constexpr std::size_t secret_box_tag_bytes = 16;

// 32 bytes. Fails as unavailable when there is no memory for it.
Result<Secret> derive_box_key(const Secret& password, const SecretBox& box);
// Fills in the ciphertext. Salt and nonce must be fresh for every secret.
Result<void> seal_secret_box(SecretBox& box, const Secret& plaintext, const Secret& password);
// Another password and a damaged box cannot be told apart: both are ErrorCode::invalid.
Result<Secret> open_secret_box(const SecretBox& box, const Secret& password);

}  // namespace packyard
