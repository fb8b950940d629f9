// RpmDigest: the digests RPM packages carry over header and payload (MD5, SHA-1, SHA-2, as rpmbuild of many years wrote them),
// built up piece by piece. Only for comparing with what a package says of itself: trust comes from the staged SHA-256 and our
// signature. OpenSSL stays in rpm_digest.cpp. Made for one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

// Numbers as in PAYLOADDIGESTALGO (RFC 4880 section 9.4).
enum class RpmDigestKind : std::uint32_t { md5 = 1, sha1 = 2, sha256 = 8, sha384 = 9, sha512 = 10, sha224 = 11 };

class RpmDigest {
 public:
  // Fails as invalid for a kind this machine's OpenSSL does not compute.
  static Result<RpmDigest> start(RpmDigestKind kind);
  RpmDigest(RpmDigest&&) noexcept;
  RpmDigest& operator=(RpmDigest&&) noexcept;
  ~RpmDigest();

  void update(std::string_view bytes);
  std::string hex();  // lower-case; once, last

 private:
  struct State;
  explicit RpmDigest(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace packyard
