#include "signer/signing_secrets.h"

#include "signer/secret_variables.h"

namespace packyard {

Result<SigningSecrets> take_signing_secrets(const std::string& settings_key_id) {
  SigningSecrets secrets;
  TRY_ASSIGN(auto private_key, take_secret("GPG_PRIVATE_KEY", SecretPrivacy::secret, EmptyFile::refused));
  TRY_ASSIGN(auto passphrase, take_secret("GPG_PASSPHRASE", SecretPrivacy::secret, EmptyFile::refused));
  TRY_ASSIGN(auto key_id, take_secret("GPG_KEY_ID", SecretPrivacy::open, EmptyFile::refused));
  if (!private_key)
    return fail(ErrorCode::invalid, "reading the signing key: neither GPG_PRIVATE_KEY nor GPG_PRIVATE_KEY_FILE is set; "
                                    "give it the output of gpg --armor --export-secret-keys");
  secrets.private_key = std::move(private_key->secret);
  if (passphrase) {
    const std::string_view text = without_line_end(passphrase->secret.reveal());
    if (text.find('\n') != std::string_view::npos)
      return fail(ErrorCode::invalid, "reading GPG_PASSPHRASE: a passphrase is one line");
    secrets.passphrase = Secret(std::string(text));
  }
  secrets.key_id = key_id ? std::string(without_line_end(key_id->secret.reveal())) : settings_key_id;
  return secrets;
}

}  // namespace packyard
