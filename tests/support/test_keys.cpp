#include "tests/support/test_keys.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/openpgp_armor.h"
#include "signer/openpgp_packets.h"

namespace packyard::test {

std::filesystem::path source_folder() {
  const char* folder = std::getenv("PACKYARD_SOURCE_DIR");
  return folder != nullptr ? folder : ".";
}

std::filesystem::path public_key_file(const std::string& name) { return source_folder() / "tests/data/keys" / (name + ".public.asc"); }
std::filesystem::path secret_key_file(const std::string& name) { return source_folder() / "tests/data/keys" / (name + ".secret.asc"); }

std::string subkey_fingerprint(const std::string& name) {
  const auto bytes = read_openpgp_armor(read_whole(public_key_file(name)), armored_public_key);
  const auto packets = read_openpgp_packets(*bytes);
  for (const auto& packet : *packets)
    if (packet.tag == openpgp_tag::public_subkey) return read_openpgp_public_key(packet.body)->fingerprint;
  std::abort();
}

std::string read_whole(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

SigningSecrets secrets_of(const std::string& name) {
  SigningSecrets secrets;
  secrets.private_key = Secret(read_whole(secret_key_file(name)));
  if (name == "release" || name == "subkey") secrets.passphrase = Secret(key_passphrase);
  return secrets;
}

std::unique_ptr<GpgSigner> open_test_signer(const std::string& name, const GpgSignerOptions& options) {
  auto signer = GpgSigner::open(secrets_of(name), options);
  if (!signer) {
    std::fprintf(stderr, "opening the test key %s: %s\n", name.c_str(), signer.error().message.c_str());
    std::abort();
  }
  return std::move(*signer);
}

std::filesystem::path write_keyring(const std::filesystem::path& folder, const std::string& name) {
  const auto bytes = read_openpgp_armor(read_whole(public_key_file(name)), armored_public_key);
  if (!bytes) std::abort();
  const auto file = folder / (name + ".gpg");
  std::ofstream(file, std::ios::binary) << *bytes;
  return file;
}

}  // namespace packyard::test
