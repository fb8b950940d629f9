// Reads the outer shape of OpenPGP keys and signatures (RFC 4880, RFC 9580 v4): packets, and the fields that decide whether a
// client accepts them. Verifies nothing cryptographically: that is the business of gpg and of verify/. Input is from outside:
// every length is checked, malformed is ErrorCode::invalid. Pure functions; views point into the given bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace packyard {

namespace openpgp_tag {
inline constexpr std::uint8_t signature = 2, public_key = 6, user_id = 13, public_subkey = 14;
}

struct OpenPgpPacket {
  std::uint8_t tag = 0;
  std::string_view body;
};
// Packets of definite length only, as keys and signatures have them.
Result<std::vector<OpenPgpPacket>> read_openpgp_packets(std::string_view bytes);

struct OpenPgpSignature {
  std::uint8_t version = 0;
  std::uint8_t type = 0;                  // 0x00 binary, 0x10…0x13 certification, 0x18 subkey binding, 0x20/0x28 revocation
  std::uint8_t public_key_algorithm = 0;  // 1 RSA, 17 DSA, 19 ECDSA, 22 EdDSA
  std::uint8_t hash_algorithm = 0;        // 1 MD5, 2 SHA-1, 3 RIPEMD-160, 8 SHA-256, 9 SHA-384, 10 SHA-512, 11 SHA-224
  std::int64_t created = 0;               // seconds since 1970
  std::optional<std::int64_t> key_expires_after;  // seconds after the key's creation
  std::optional<std::uint8_t> key_flags;
  std::string issuer_key_id;              // 16 upper-case hexadecimal digits; empty when it names none
  std::optional<std::uint8_t> back_signature_hash_algorithm;  // of the embedded signature a signing subkey makes
};
Result<OpenPgpSignature> read_openpgp_signature(std::string_view body);

struct OpenPgpPublicKey {
  std::uint8_t version = 0;
  std::uint8_t algorithm = 0;
  std::int64_t created = 0;
  std::uint32_t bits = 0;      // RSA, DSA, ElGamal: size of the modulus or prime; curves: 0
  std::string curve;           // "ed25519", "nistp256", …; the object identifier in hexadecimal when unknown; empty for RSA
  std::string fingerprint;     // 40 upper-case hexadecimal digits (v4)
};
Result<OpenPgpPublicKey> read_openpgp_public_key(std::string_view body);

// Upper-case hexadecimal ids of the keys that made the signatures in `bytes` (a binary detached signature, as RPM headers hold).
Result<std::vector<std::string>> read_signer_key_ids(std::string_view bytes);

}  // namespace packyard
