// The subscriber key as a customer holds it: "pky_" + 30 base62 characters (178 random bits) + 6 characters of CRC-32 in base62.
// The prefix lets scanners find leaked keys, the checksum drops typos before any hashing. facts/forwardauth.md 7.
// The CRC-32 (IEEE 802.3, as zlib) covers prefix and random part; base62 is 0-9, A-Z, a-z, most significant digit first.
// Only its digest is kept: HMAC-SHA-256 with a pepper that lives outside the database. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/pepper.h"
#include "core/random_source.h"
#include "core/secret.h"

namespace packyard {

inline constexpr std::string_view subscriber_key_prefix = "pky_";
inline constexpr std::size_t subscriber_key_length = 40;

// True when prefix, alphabet, length and checksum fit. Says nothing about whether the key exists. No allocation.
bool is_well_formed_subscriber_key(std::string_view text);
Secret make_subscriber_key(RandomSource& random);
// Characters of base62, each equally likely; for ids that are safe to show as well.
std::string random_base62(RandomSource& random, std::size_t length);

Sha256 digest_of_key(const Pepper& pepper, std::string_view key);

}  // namespace packyard
