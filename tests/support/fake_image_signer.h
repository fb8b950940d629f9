// FakeImageSigner: signs with a real P-256 key that lives in memory only and is new each time, so that verifiers accept what it
// signs with public_key(). Can be told to fail. Thread-safe. For tests; whoever includes it links packyard::signer.
#pragma once

#include <atomic>

#include "core/check.h"
#include "signer/image_signer.h"
#include "signer/p256_key.h"

namespace packyard {

class FakeImageSigner final : public ImageSigner {
 public:
  FakeImageSigner() : key_(P256Key::make()) { CHECK(key_.has_value()); }
  void fail_from_now_on() { fails_ = true; }
  Result<std::string> sign(std::string_view bytes) override {
    if (fails_) return fail(ErrorCode::unavailable, "signing an image: the key is away");
    return key_->sign(bytes);
  }
  std::string public_key() const override { return key_->public_key(); }

 private:
  const Result<P256Key> key_;
  std::atomic<bool> fails_ = false;
};

}  // namespace packyard
