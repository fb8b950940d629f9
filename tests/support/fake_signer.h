// FakeSigner: an OpenPgpSigner whose signatures are recognisable text. For tests that look at what was signed, not at signatures.
#pragma once

#include <string>

#include "core/digest.h"
#include "signer/openpgp_signer.h"

namespace packyard {

class FakeSigner final : public OpenPgpSigner {
 public:
  Result<std::string> sign_detached(std::string_view bytes, SignatureForm) override { return "detached signature over " + sha256(bytes).hex() + "\n"; }
  Result<std::string> sign_clear(std::string_view text) override { return "signed\n" + std::string(text) + "clear signature\n"; }
  Result<std::string> public_key() override { return "public key\n"; }
  std::string fingerprint() const override { return "0123456789ABCDEF0123456789ABCDEF01234567"; }
};

}  // namespace packyard
