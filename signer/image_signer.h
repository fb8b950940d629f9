// ImageSigner: signs container images as cosign does, ECDSA on P-256 over SHA-256 (FIPS 186-5, RFC 3279 2.2.3). The private key
// never leaves the implementation: CosignSigner (signer/cosign_signer.h); a fake with a throw-away key in tests/support.
// Thread-safe: any number of threads may sign at once.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

class ImageSigner {
 public:
  virtual ~ImageSigner() = default;
  // The signature as ASN.1 DER, 70 to 72 bytes; two signatures of the same bytes differ.
  virtual Result<std::string> sign(std::string_view bytes) = 0;
  // PEM "PUBLIC KEY", as cosign.pub holds it.
  virtual std::string public_key() const = 0;
};

}  // namespace packyard
