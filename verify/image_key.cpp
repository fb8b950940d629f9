#include "verify/image_key.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "core/base64.h"
#include "core/check.h"
#include "core/digest.h"
#include "core/durable_file.h"

namespace packyard {
namespace {

constexpr std::size_t key_bytes_max = 16 * 1024;

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;

bool is_p256(EVP_PKEY* key) {
  char group[64];
  std::size_t length = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_group_name(key, group, sizeof group, &length) == 1 &&
         std::string_view(group, length) == "prime256v1";
}

std::string der_form(EVP_PKEY* key) {
  unsigned char* bytes = nullptr;
  const int length = i2d_PUBKEY(key, &bytes);
  CHECK(length > 0);
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  OPENSSL_free(bytes);
  return der;
}

// No password is ever asked for: a public key has none.
int no_password(char*, int, int, void*) { return -1; }

}  // namespace

struct ImageKey::State {
  Key key;
};

Result<ImageKey> ImageKey::parse(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  CHECK(bio != nullptr);
  Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  if (key == nullptr) return fail(ErrorCode::invalid, "is no public key in PEM form");
  if (!is_p256(key.get())) return fail(ErrorCode::invalid, "is not a key on the curve P-256");
  const std::string der = der_form(key.get());
  const Sha256 digest = sha256(der);
  std::string hint = encode_base64({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()});
  return ImageKey(std::make_shared<const State>(State{std::move(key)}), std::move(hint));
}

Result<ImageKey> ImageKey::load(const std::filesystem::path& pem_file) {
  TRY_ASSIGN(const std::string pem, read_small_file(pem_file, key_bytes_max));
  return parse(pem);
}

bool ImageKey::verifies(std::string_view message, std::string_view signature) const {
  const Context context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  CHECK(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, state_->key.get()) == 1);
  const bool is_good = EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                                        reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
  ERR_clear_error();
  return is_good;
}

}  // namespace packyard
