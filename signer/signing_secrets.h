// The vendor's signing secrets, from GPG_PRIVATE_KEY or GPG_PRIVATE_KEY_FILE, GPG_PASSPHRASE or GPG_PASSPHRASE_FILE (may be
// absent: a key without passphrase) and GPG_KEY_ID or GPG_KEY_ID_FILE. Read once at the start, before threads: a variable that
// held a secret is overwritten and removed, so that no program we start inherits it. Owned and moved by the caller.
// Errors (ErrorCode::invalid) name the variable, never the value: both forms set, a file others may read, nothing set.
#pragma once

#include <string>

#include "core/result.h"
#include "core/secret.h"

namespace packyard {

struct SigningSecrets {
  Secret private_key;  // armored or binary OpenPGP secret key
  Secret passphrase;   // empty: none given
  std::string key_id;  // fingerprint or key id; empty when neither variable nor settings name one
};

// `settings_key_id` (signing.key_id) is used when no variable names the key.
Result<SigningSecrets> take_signing_secrets(const std::string& settings_key_id);

}  // namespace packyard
