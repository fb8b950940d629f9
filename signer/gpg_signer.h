// GpgSigner: OpenPgpSigner through gpgme (gnupg 2.2 or newer). The private key lives in throw-away homes in memory
// (signer/signing_homes.h), each with its own gpg-agent, so that as many signatures run at once as there are homes. Nothing ever
// prompts, every operation has a deadline, and each signature is checked to come from the wanted key. Owned by the press;
// thread-safe. Errors: invalid for wrong secrets (passphrase, key id, expired key), unavailable for missed deadlines.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/settings.h"
#include "signer/openpgp_signer.h"
#include "signer/signing_homes.h"
#include "signer/signing_secrets.h"

namespace packyard {

enum class SignatureDigest { sha256, sha512 };

struct GpgSignerOptions {
  std::vector<std::filesystem::path> folders = memory_folders();  // where homes may be made
  std::uint32_t parallel_homes = 2;
  std::optional<std::string> subkey;  // fingerprint or key id; unset: the primary key
  SignatureDigest digest = SignatureDigest::sha256;
  std::chrono::milliseconds deadline{60'000};  // of each operation, waiting for a free home included
};

class GpgSigner final : public OpenPgpSigner {
 public:
  // Imports the key into every home and makes a trial signature there: wrong secrets fail here, not in mid-promotion.
  static Result<std::unique_ptr<GpgSigner>> open(const SigningSecrets& secrets, const GpgSignerOptions& options);
  ~GpgSigner() override;

  Result<std::string> sign_detached(std::string_view bytes, SignatureForm form) override;
  Result<std::string> sign_clear(std::string_view text) override;
  Result<std::string> public_key() override;
  std::string fingerprint() const override;

 private:
  struct State;
  explicit GpgSigner(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// With the secrets of the environment (take_signing_secrets) and the settings' key id, subkey and number of homes.
Result<std::unique_ptr<GpgSigner>> open_signer(const SigningSettings& settings);

}  // namespace packyard
