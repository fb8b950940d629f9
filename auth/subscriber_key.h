// The subscriber key as a customer holds it: "pky_" + 30 base62 characters (178 random bits) + 6 characters of CRC-32 in base62.
// The prefix lets scanners find leaked keys, the checksum drops typos before any hashing. facts/forwardauth.md 7.
// Only its digest is kept: HMAC-SHA-256 with a pepper that lives outside the database.
#pragma once

#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/random_source.h"
#include "core/secret.h"

namespace packyard {

inline constexpr std::string_view subscriber_key_prefix = "pky_";
inline constexpr std::size_t subscriber_key_length = 40;

// True when prefix, alphabet, length and checksum fit. Says nothing about whether the key exists. No allocation.
bool is_well_formed_subscriber_key(std::string_view text);
Secret make_subscriber_key(RandomSource& random);

struct PepperId {
  std::string text;  // 8 hexadecimal digits of SHA-256 over the pepper; safe to show
  auto operator<=>(const PepperId&) const = default;
};

// Not copied; read from a 0600 file (storage/pepper_file.h). Shared read-only between threads.
struct Pepper {
  PepperId id;
  Secret bytes;
};

Sha256 digest_of_key(const Pepper& pepper, std::string_view key);

}  // namespace packyard
