// What any verifier of image signatures does, by OpenSSL alone and none of our own code: for tests of what signs.
#pragma once

#include <string_view>

namespace packyard::test {

// Whether `signature` (ASN.1 DER) is ECDSA over SHA-256 of `bytes` by the key of `public_key` (PEM "PUBLIC KEY", P-256).
bool verifies(std::string_view public_key, std::string_view bytes, std::string_view signature);

}  // namespace packyard::test
