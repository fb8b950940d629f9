#include "signer/cosign_signer.h"

#include "signer/cosign_key.h"
#include "signer/secret_variables.h"

namespace packyard {

Result<Secret> take_cosign_password() {
  TRY_ASSIGN(auto taken, take_secret("COSIGN_PASSWORD", SecretPrivacy::secret, EmptyFile::is_empty_secret));
  if (!taken) return Secret();
  if (taken->origin == SecretOrigin::variable) return std::move(taken->secret);
  return Secret(std::string(without_line_end(taken->secret.reveal())));
}

Result<std::unique_ptr<ImageSigner>> open_image_signer() {
  // Both are taken before either is judged: neither may stay in the environment.
  auto private_key = take_secret("COSIGN_PRIVATE_KEY", SecretPrivacy::secret, EmptyFile::refused);
  TRY_ASSIGN(const Secret password, take_cosign_password());
  TRY_ASSIGN(const auto taken, std::move(private_key));
  if (!taken) return nullptr;
  auto key = read_cosign_key(taken->secret.reveal(), password);
  if (!key) {
    const std::string origin = taken->origin == SecretOrigin::file ? "COSIGN_PRIVATE_KEY_FILE" : "COSIGN_PRIVATE_KEY";
    return fail(key.error().in(origin + " (with COSIGN_PASSWORD)"));
  }
  return std::make_unique<CosignSigner>(std::move(*key));
}

}  // namespace packyard
