// OpenPgpSigner: makes OpenPGP signatures (RFC 4880 / 9580) with the vendor's key. The private key never leaves the
// implementation: GpgSigner (signer/gpg_signer.h) through gpgme and throw-away homes in memory-backed storage; a fake in
// tests/support. Thread-safe: several threads may sign at once (as many in parallel as there are homes).
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

enum class SignatureForm { binary, armored };

class OpenPgpSigner {
 public:
  virtual ~OpenPgpSigner() = default;
  virtual Result<std::string> sign_detached(std::string_view bytes, SignatureForm form) = 0;
  // Cleartext signature framework, as InRelease has it.
  virtual Result<std::string> sign_clear(std::string_view text) = 0;
  // ASCII-armored public key of the signing key (repomd.xml.key, part of lts.asc).
  virtual Result<std::string> public_key() = 0;
  // Of the (sub)key that signs: 40 upper-case hexadecimal digits.
  virtual std::string fingerprint() const = 0;
};

}  // namespace packyard
