#include "tests/support/p256_verification.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace packyard::test {

bool verifies(std::string_view public_key, std::string_view bytes, std::string_view signature) {
  const auto pointer = [](std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); };
  BIO* const bio = BIO_new_mem_buf(public_key.data(), static_cast<int>(public_key.size()));
  EVP_PKEY* const key = PEM_read_bio_PUBKEY(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  const bool good = key != nullptr && EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_bits(key) == 256 &&
                    EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key) == 1 &&
                    EVP_DigestVerify(context, pointer(signature), signature.size(), pointer(bytes), bytes.size()) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  ERR_clear_error();
  return good;
}

}  // namespace packyard::test
