#include "promote/rpm_digest.h"

#include <openssl/evp.h>

#include "core/check.h"
#include "core/hex.h"

namespace packyard {
namespace {

const EVP_MD* algorithm_of(RpmDigestKind kind) {
  switch (kind) {
    case RpmDigestKind::md5: return EVP_md5();
    case RpmDigestKind::sha1: return EVP_sha1();
    case RpmDigestKind::sha224: return EVP_sha224();
    case RpmDigestKind::sha256: return EVP_sha256();
    case RpmDigestKind::sha384: return EVP_sha384();
    case RpmDigestKind::sha512: return EVP_sha512();
  }
  return nullptr;
}

}  // namespace

struct RpmDigest::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

RpmDigest::RpmDigest(std::unique_ptr<State> state) : state_(std::move(state)) {}
RpmDigest::RpmDigest(RpmDigest&&) noexcept = default;
RpmDigest& RpmDigest::operator=(RpmDigest&&) noexcept = default;
RpmDigest::~RpmDigest() = default;

Result<RpmDigest> RpmDigest::start(RpmDigestKind kind) {
  auto state = std::make_unique<State>();
  CHECK(state->context != nullptr);
  const EVP_MD* const algorithm = algorithm_of(kind);
  if (algorithm == nullptr || EVP_DigestInit_ex(state->context, algorithm, nullptr) != 1)
    return fail(ErrorCode::invalid, "the package has a digest of kind " + std::to_string(static_cast<std::uint32_t>(kind)) +
                                        ", which cannot be computed here; build it with a digest of SHA-256");
  return RpmDigest(std::move(state));
}

void RpmDigest::update(std::string_view bytes) { CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1); }

std::string RpmDigest::hex() {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CHECK(EVP_DigestFinal_ex(state_->context, bytes, &size) == 1);
  return packyard::hex({reinterpret_cast<const char*>(bytes), size});
}

}  // namespace packyard
