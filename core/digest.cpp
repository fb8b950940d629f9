#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/digest.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "core/check.h"
#include "core/hex.h"

namespace packyard {
namespace {
constexpr std::size_t block_size_bytes = 256 * 1024;
constexpr std::string_view lower_digits = "0123456789abcdef";  // a digest has one spelling
}  // namespace

std::string Sha256::hex() const {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) append_hex(text, byte);
  return text;
}

Result<Sha256> Sha256::parse_hex(std::string_view text) {
  if (text.size() != 64) return fail(ErrorCode::invalid, "not a SHA-256 of 64 hexadecimal digits");
  Sha256 result;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::size_t value = lower_digits.find(text[i]);
    if (value == std::string_view::npos) return fail(ErrorCode::invalid, "not a SHA-256 of 64 lower-case hexadecimal digits");
    result.bytes[i / 2] = static_cast<std::uint8_t>((result.bytes[i / 2] << 4) | value);
  }
  return result;
}

Sha256 sha256(std::string_view bytes) {
  Sha256Stream stream;
  stream.update(bytes);
  return stream.finish();
}

std::array<std::uint8_t, 20> sha1_for_fingerprint(std::string_view bytes) {
  std::array<std::uint8_t, 20> result{};
  unsigned int length = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), result.data(), &length, EVP_sha1(), nullptr) == 1 && length == result.size());
  return result;
}

// The low-level calls are deprecated for looking up no provider on each use, which is the reason to use them here: the key's two
// blocks are hashed once, and a message costs three more instead of a context made and thrown away.
struct HmacSha256::State {
  SHA256_CTX inner, outer;
  ~State() { OPENSSL_cleanse(this, sizeof *this); }
};

HmacSha256::HmacSha256(const Secret& key) : state_(std::make_unique<State>()) {
  std::array<std::uint8_t, SHA256_CBLOCK> block{};
  if (key.reveal().size() > block.size()) {
    const Sha256 short_key = packyard::sha256(key.reveal());
    std::ranges::copy(short_key.bytes, block.begin());
  } else {
    std::ranges::copy(key.reveal(), block.begin());
  }
  for (std::uint8_t& byte : block) byte ^= 0x36;
  SHA256_Init(&state_->inner);
  SHA256_Update(&state_->inner, block.data(), block.size());
  for (std::uint8_t& byte : block) byte ^= 0x36 ^ 0x5c;
  SHA256_Init(&state_->outer);
  SHA256_Update(&state_->outer, block.data(), block.size());
  OPENSSL_cleanse(block.data(), block.size());
}
HmacSha256::~HmacSha256() = default;
HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;

Sha256 HmacSha256::of(std::string_view message) const {
  Sha256 result;
  SHA256_CTX context = state_->inner;
  SHA256_Update(&context, message.data(), message.size());
  SHA256_Final(result.bytes.data(), &context);
  context = state_->outer;
  SHA256_Update(&context, result.bytes.data(), result.bytes.size());
  SHA256_Final(result.bytes.data(), &context);
  OPENSSL_cleanse(&context, sizeof context);
  return result;
}

struct Sha256Stream::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  CHECK(state_->context != nullptr && EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1);
}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::update(std::string_view bytes) { CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1); }

Sha256 Sha256Stream::finish() {
  Sha256 result;
  unsigned int length = 0;
  CHECK(EVP_DigestFinal_ex(state_->context, result.bytes.data(), &length) == 1 && length == 32);
  return result;
}

struct Md5Stream::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  bool is_allowed = false;
  ~State() { EVP_MD_CTX_free(context); }
};

Md5Stream::Md5Stream() : state_(std::make_unique<State>()) {
  CHECK(state_->context != nullptr);
  state_->is_allowed = EVP_DigestInit_ex(state_->context, EVP_md5(), nullptr) == 1;
}
Md5Stream::~Md5Stream() = default;
Md5Stream::Md5Stream(Md5Stream&&) noexcept = default;
Md5Stream& Md5Stream::operator=(Md5Stream&&) noexcept = default;

void Md5Stream::update(std::string_view bytes) {
  if (state_->is_allowed) CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

std::string Md5Stream::finish() {
  if (!state_->is_allowed) return {};
  std::array<unsigned char, 16> bytes{};
  unsigned int length = 0;
  CHECK(EVP_DigestFinal_ex(state_->context, bytes.data(), &length) == 1 && length == bytes.size());
  return {bytes.begin(), bytes.end()};
}

Result<FileDigest> digest_file(const std::filesystem::path& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return fail(system_error("opening " + file.string()));
  Sha256Stream stream;
  FileDigest result;
  std::vector<char> block(block_size_bytes);
  while (true) {
    const ssize_t got = read(descriptor, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const Error error = system_error("reading " + file.string());
      close(descriptor);
      return fail(error);
    }
    if (got == 0) break;
    stream.update({block.data(), static_cast<std::size_t>(got)});
    result.size_bytes += static_cast<std::uint64_t>(got);
  }
  close(descriptor);
  result.sha256 = stream.finish();
  return result;
}

}  // namespace packyard
