#include "signer/secret_box.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>

namespace packyard {
namespace {

static_assert(crypto_secretbox_KEYBYTES == 32 && crypto_secretbox_NONCEBYTES == 24 &&
              crypto_secretbox_MACBYTES == secret_box_tag_bytes);

constexpr std::uint64_t scrypt_r = 8, scrypt_p = 1;
// For the largest cost (128 MiB) and the few blocks beside it; OpenSSL's own limit is 32 MiB.
constexpr std::uint64_t scrypt_memory_bytes_max = 160 * 1024 * 1024;

// On the heap whatever its size: what a std::string keeps inside itself stays behind unwiped when it is moved.
std::string make_wipeable(std::size_t size) {
  std::string bytes;
  bytes.reserve(size + 64);
  bytes.resize(size);
  return bytes;
}

// Thread-safe; every call but the first does nothing.
Result<void> prepare_sodium() {
  if (sodium_init() < 0) return fail(ErrorCode::internal, "libsodium cannot be prepared");
  return {};
}

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

Result<Secret> derive_box_key(const Secret& password, const SecretBox& box) {
  std::string key = make_wipeable(crypto_secretbox_KEYBYTES);
  const std::string_view text = password.reveal();
  if (EVP_PBE_scrypt(text.data(), text.size(), box.salt.data(), box.salt.size(), static_cast<std::uint64_t>(box.cost), scrypt_r,
                     scrypt_p, scrypt_memory_bytes_max, bytes_of(key), key.size()) != 1) {
    ERR_clear_error();
    return fail(ErrorCode::unavailable, "deriving a key with scrypt failed; it needs up to 128 MiB of memory");
  }
  return Secret(std::move(key));
}

Result<void> seal_secret_box(SecretBox& box, const Secret& plaintext, const Secret& password) {
  TRY(prepare_sodium());
  TRY_ASSIGN(const Secret key, derive_box_key(password, box));
  const std::string_view text = plaintext.reveal();
  box.ciphertext.assign(text.size() + secret_box_tag_bytes, '\0');
  if (crypto_secretbox_easy(bytes_of(box.ciphertext), bytes_of(text), text.size(), box.nonce.data(), bytes_of(key.reveal())) != 0)
    return fail(ErrorCode::internal, "encrypting with libsodium failed");
  return {};
}

Result<Secret> open_secret_box(const SecretBox& box, const Secret& password) {
  if (box.ciphertext.size() < secret_box_tag_bytes) return fail(ErrorCode::invalid, "its encrypted part is cut off");
  TRY(prepare_sodium());
  TRY_ASSIGN(const Secret key, derive_box_key(password, box));
  std::string plaintext = make_wipeable(box.ciphertext.size() - secret_box_tag_bytes);
  if (crypto_secretbox_open_easy(bytes_of(plaintext), bytes_of(std::string_view(box.ciphertext)), box.ciphertext.size(),
                                 box.nonce.data(), bytes_of(key.reveal())) != 0)
    return fail(ErrorCode::invalid, "the password does not open it, or it is damaged");
  return Secret(std::move(plaintext));
}

}  // namespace packyard
