// CosignSigner: ImageSigner with a key as cosign keeps it, P-256. Owned by the press; thread-safe. The key is opened once; a
// wrong password or another algorithm fails there (ErrorCode::invalid), not in mid-promotion.
#pragma once

#include <memory>

#include "signer/image_signer.h"
#include "signer/p256_key.h"

namespace packyard {

class CosignSigner final : public ImageSigner {
 public:
  explicit CosignSigner(P256Key key) : key_(std::move(key)) {}
  Result<std::string> sign(std::string_view bytes) override { return key_.sign(bytes); }
  std::string public_key() const override { return key_.public_key(); }

 private:
  const P256Key key_;
};

// With COSIGN_PRIVATE_KEY or COSIGN_PRIVATE_KEY_FILE, opened with take_cosign_password(). Null when neither is set: a site
// without images needs no key. Call it before anything that starts programs: it also takes the secrets out of the environment.
Result<std::unique_ptr<ImageSigner>> open_image_signer();

// COSIGN_PASSWORD as it is, as cosign reads it, or COSIGN_PASSWORD_FILE without its last line end; absent or empty is the empty
// password, which cosign allows.
Result<Secret> take_cosign_password();

}  // namespace packyard
