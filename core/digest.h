// SHA-256 digests: of bytes, of files, and built up piece by piece; plus HMAC-SHA-256. FIPS 180-4, RFC 2104. OpenSSL stays in
// digest.cpp.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/secret.h"

namespace packyard {

struct Sha256 {
  std::array<std::uint8_t, 32> bytes{};

  auto operator<=>(const Sha256&) const = default;
  std::string hex() const;                                 // 64 lower-case digits
  static Result<Sha256> parse_hex(std::string_view text);  // exactly 64 lower-case digits
};

Sha256 sha256(std::string_view bytes);
// Names an OpenPGP v4 key (RFC 4880 12.2); SHA-1 is used for nothing else.
std::array<std::uint8_t, 20> sha1_for_fingerprint(std::string_view bytes);

// HMAC-SHA-256 with the key's part worked out once: a gate asks for one per request. Thread-safe; wiped at the end.
class HmacSha256 {
 public:
  explicit HmacSha256(const Secret& key);
  ~HmacSha256();
  HmacSha256(HmacSha256&&) noexcept;
  HmacSha256& operator=(HmacSha256&&) noexcept;
  Sha256 of(std::string_view message) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Not shared between threads; finish() once.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;
  void update(std::string_view bytes);
  Sha256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// MD5 (RFC 1321), because S3 servers name the bytes they hold by it (ETag): tells an accident of the way, proves nothing. Not
// shared between threads; finish() once.
class Md5Stream {
 public:
  Md5Stream();
  ~Md5Stream();
  Md5Stream(Md5Stream&&) noexcept;
  Md5Stream& operator=(Md5Stream&&) noexcept;
  void update(std::string_view bytes);
  // 16 bytes; nothing where OpenSSL refuses MD5 (FIPS mode).
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct FileDigest {
  Sha256 sha256;
  std::uint64_t size_bytes = 0;
};
// Reads the file once in blocks; memory does not grow with it.
Result<FileDigest> digest_file(const std::filesystem::path& file);

}  // namespace packyard
