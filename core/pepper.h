// Pepper: the secret that turns keys into digests (HMAC-SHA-256), kept outside the database, so that a copy of the database alone
// can neither test guesses nor accept a planted row. Its id stands in every row and is safe to show.
// Not copied; made once at start (storage/pepper_file.h), then shared read-only between threads.
#pragma once

#include <compare>
#include <cstddef>
#include <string>

#include "core/digest.h"
#include "core/secret.h"

namespace packyard {

inline constexpr std::size_t pepper_size_bytes = 32;

struct PepperId {
  std::string text;  // 8 hexadecimal digits of SHA-256 over the pepper; safe to show
  auto operator<=>(const PepperId&) const = default;
};

struct Pepper {
  PepperId id;
  Secret bytes;
  HmacSha256 hmac;  // with these bytes
};

// The pepper with these bytes; the id follows from them.
Pepper make_pepper(Secret bytes);

}  // namespace packyard
