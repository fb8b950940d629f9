// Private keys as cosign keeps them (cosign.key): a PEM block of JSON with an encrypted PKCS#8 key (signer/secret_box.h). Reads
// what cosign 1.x to 3.x write (labels ENCRYPTED SIGSTORE and ENCRYPTED COSIGN PRIVATE KEY, scrypt N = 2^15, 2^16, 2^17), with
// exactly the fields they write; writes what all of them load (label ENCRYPTED COSIGN PRIVATE KEY, N = 2^15). Keys other than
// ECDSA P-256 are refused. Pure functions; no error holds any part of the key or password. Errors: invalid, or unavailable when
// scrypt finds no memory. Format: sigstore/cosign pkg/cosign/keys.go, go-securesystemslib encrypted/encrypted.go.
#pragma once

#include <string>
#include <string_view>

#include "core/random_source.h"
#include "core/result.h"
#include "core/secret.h"
#include "signer/p256_key.h"
#include "signer/secret_box.h"

namespace packyard {

// The cheap half of reading: everything but the password.
Result<SecretBox> read_cosign_key_file(std::string_view text);
Result<P256Key> read_cosign_key(std::string_view text, const Secret& password);

// The text of a cosign.key. An empty password is legal and protects nothing.
Result<Secret> write_cosign_key(const P256Key& key, const Secret& password, RandomSource& random);

}  // namespace packyard
