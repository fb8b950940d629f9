// FakeSigner: "signatures" that name the bytes' digest and a running number, as no two real ones are equal either. Fast; proves order
// and plumbing only. Can be told to fail.
#pragma once

#include <atomic>

#include "core/digest.h"
#include "signer/openpgp_signer.h"

namespace packyard {

class FakeSigner final : public OpenPgpSigner {
 public:
  void fail_from_now_on() { fails_ = true; }
  Result<std::string> sign_detached(std::string_view bytes, SignatureForm form) override {
    if (fails_) return fail(ErrorCode::unavailable, "signing: bad passphrase");
    const std::string head = form == SignatureForm::armored ? "-----fake-----\n" : "fake ";
    return head + sha256(bytes).hex() + " " + std::to_string(++count_) + "\n";
  }
  Result<std::string> sign_clear(std::string_view text) override {
    auto signature = sign_detached(text, SignatureForm::armored);
    if (!signature) return signature;
    return std::string(text) + *signature;
  }
  Result<std::string> public_key() override { return std::string("fake public key\n"); }
  std::string fingerprint() const override { return "0123456789ABCDEF0123456789ABCDEF01234567"; }

 private:
  std::atomic<unsigned> count_ = 0;
  std::atomic<bool> fails_ = false;
};

}  // namespace packyard
