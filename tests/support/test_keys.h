// The OpenPGP keys under tests/data/keys, ready to use. For tests only: their passphrase is published.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "signer/gpg_signer.h"

namespace packyard::test {

inline constexpr const char* key_passphrase = "packyard test passphrase";

std::filesystem::path source_folder();
// "release", "stranger", … as tests/data/keys/make_test_keys lists them.
std::filesystem::path public_key_file(const std::string& name);
std::filesystem::path secret_key_file(const std::string& name);
// Of the first subkey.
std::string subkey_fingerprint(const std::string& name);
std::string read_whole(const std::filesystem::path& file);
SigningSecrets secrets_of(const std::string& name);
// A real signer; stops the test program when it cannot be made.
std::unique_ptr<GpgSigner> open_test_signer(const std::string& name, const GpgSignerOptions& options = {});
// A GnuPG home that knows only this public key, for gpgv --homedir and the like: the key as gpgv reads it, in `folder`.
std::filesystem::path write_keyring(const std::filesystem::path& folder, const std::string& name);

}  // namespace packyard::test
