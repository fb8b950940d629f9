// P256Key: an ECDSA key pair on the curve P-256 (FIPS 186-5), read from and written as PKCS#8 (RFC 5208, RFC 5915). Any other
// kind of key is refused by name. Owned and moved; const calls are thread-safe. The private half is wiped at the end, leaves it
// as a Secret only and is in no error. OpenSSL stays in p256_key.cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/secret.h"

namespace packyard {

class P256Key {
 public:
  static Result<P256Key> make();
  // Both halves must belong together.
  static Result<P256Key> read(const Secret& pkcs8);
  P256Key(P256Key&&) noexcept;
  P256Key& operator=(P256Key&&) noexcept;
  ~P256Key();

  Result<Secret> pkcs8() const;
  // ECDSA over SHA-256, ASN.1 DER.
  Result<std::string> sign(std::string_view bytes) const;
  // SubjectPublicKeyInfo, 91 bytes of DER, as PEM "PUBLIC KEY".
  const std::string& public_key() const { return public_key_; }

 private:
  struct State;
  P256Key(std::unique_ptr<State> state, std::string public_key);
  static Result<P256Key> wrap(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
  std::string public_key_;
};

}  // namespace packyard
