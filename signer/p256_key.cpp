#include "signer/p256_key.h"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>

#include "signer/pem.h"

namespace packyard {
namespace {

// Every SubjectPublicKeyInfo of a P-256 key with named curve and uncompressed point begins so.
constexpr std::array<unsigned char, 27> public_key_head = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                                           0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                                           0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
constexpr std::size_t public_key_bytes = 91;

template <auto free_function>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using KeyInfo = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freed<PKCS8_PRIV_KEY_INFO_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

// OpenSSL's queue of errors belongs to the thread: what is left there would be found by the next who looks.
std::unexpected<Error> openssl_failed(ErrorCode code, const std::string& message) {
  ERR_clear_error();
  return fail(code, message);
}

}  // namespace

struct P256Key::State {
  explicit State(EVP_PKEY* from) : key(from) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_PKEY_free(key); }  // wipes the private number
  EVP_PKEY* key;
};

P256Key::P256Key(std::unique_ptr<State> state, std::string public_key)
    : state_(std::move(state)), public_key_(std::move(public_key)) {}
P256Key::P256Key(P256Key&&) noexcept = default;
P256Key& P256Key::operator=(P256Key&&) noexcept = default;
P256Key::~P256Key() = default;

Result<P256Key> P256Key::wrap(std::unique_ptr<State> state) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(state->key, &der);
  if (size < 0) return openssl_failed(ErrorCode::internal, "OpenSSL cannot write the public key");
  const std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  const std::string_view head(reinterpret_cast<const char*>(public_key_head.data()), public_key_head.size());
  if (bytes.size() != public_key_bytes || !bytes.starts_with(head))
    return fail(ErrorCode::invalid, "the key is on P-256 but does not name the curve as cosign and others expect");
  return P256Key(std::move(state), write_pem(pem_label::public_key, bytes));
}

Result<P256Key> P256Key::make() {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  if (key == nullptr) return openssl_failed(ErrorCode::internal, "making a P-256 key: OpenSSL failed");
  return wrap(std::make_unique<State>(key));
}

Result<P256Key> P256Key::read(const Secret& pkcs8) {
  const std::string_view der = pkcs8.reveal();
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = at + der.size();
  const KeyInfo info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  if (!info || at != end) return openssl_failed(ErrorCode::invalid, "it holds no private key in PKCS#8 form");
  EVP_PKEY* const key = EVP_PKCS82PKEY(info.get());
  if (key == nullptr) return openssl_failed(ErrorCode::invalid, "its private key is of an unknown kind or damaged");
  auto state = std::make_unique<State>(key);
  if (EVP_PKEY_is_a(key, "EC") != 1) {
    const char* const kind = EVP_PKEY_get0_type_name(key);
    return fail(ErrorCode::invalid, "its algorithm is " + std::string(kind == nullptr ? "unknown" : kind) +
                                        "; images are signed with ECDSA P-256 keys, as cosign generate-key-pair makes");
  }
  char curve[64] = "";
  std::size_t length = 0;
  if (EVP_PKEY_get_group_name(key, curve, sizeof curve, &length) != 1 || std::string_view(curve, length) != "prime256v1")
    return openssl_failed(ErrorCode::invalid, "its curve is " + std::string(curve, length) +
                                                  "; images are signed with ECDSA P-256 keys, as cosign generate-key-pair makes");
  const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  if (!context || EVP_PKEY_check(context.get()) != 1)
    return openssl_failed(ErrorCode::invalid, "its private and public halves do not belong together; it is damaged");
  return wrap(std::move(state));
}

Result<Secret> P256Key::pkcs8() const {
  const KeyInfo info(EVP_PKEY2PKCS8(state_->key));
  unsigned char* der = nullptr;
  const int size = info ? i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der) : -1;
  if (size < 0) return openssl_failed(ErrorCode::internal, "OpenSSL cannot write the private key");
  Secret secret(std::string(reinterpret_cast<char*>(der), static_cast<std::size_t>(size)));
  OPENSSL_clear_free(der, static_cast<std::size_t>(size));
  return secret;
}

Result<std::string> P256Key::sign(std::string_view bytes) const {
  const DigestContext context(EVP_MD_CTX_new());
  const auto* const begin = reinterpret_cast<const unsigned char*>(bytes.data());
  std::array<unsigned char, 128> signature{};
  std::size_t length = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, state_->key) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &length, begin, bytes.size()) != 1)
    return openssl_failed(ErrorCode::internal, "signing with the image key: OpenSSL failed");
  return std::string(reinterpret_cast<char*>(signature.data()), length);
}

}  // namespace packyard
