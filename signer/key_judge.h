// Judges whether the clients of each target accept a signing key: algorithm, size, digest of the self-signature, expiry, use.
// The rules are what apt 3 (sqv), apt 2 (gpgv), rpm of el7 to el10 and later refuse; they follow measured facts, not standards.
// Pure functions over the public key as customers get it; nothing is verified cryptographically (gpg did when it made the export).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/settings.h"
#include "core/timestamp.h"

namespace packyard {

enum class KeyJudgement { good, warning, refused };
std::string_view to_string(KeyJudgement judgement);

struct KeyVerdict {
  std::string target;  // "rpm/el9-x86_64", "deb/bookworm"
  KeyJudgement judgement = KeyJudgement::good;
  std::string reason;  // what and why, in words; for a warning or refusal also what to do
};

// `public_keys`: armored. `fingerprint`: the (sub)key that signs, as OpenPgpSigner::fingerprint() gives it; empty: the first
// key. One verdict or more for each target of the settings; an Error when the bytes are no OpenPGP key or do not hold that fingerprint.
Result<std::vector<KeyVerdict>> judge_key(std::string_view public_keys, std::string_view fingerprint, const Settings& settings,
                                          Timestamp now);

// When customers stop accepting what that key signs; unset: never. Of a subkey: its own expiry or its primary's, whichever is first.
Result<std::optional<Timestamp>> expiry_of_key(std::string_view public_keys, std::string_view fingerprint);

// The signing key's public half must be in the lts.asc that customers fetch, or their checks fail after the next release.
Result<void> check_key_is_served(const std::filesystem::path& served_keys, std::string_view fingerprint);

// Of every primary key and subkey in the lts.asc that customers fetch: what they would accept a signature of.
Result<std::vector<std::string>> served_fingerprints(const std::filesystem::path& served_keys);

}  // namespace packyard
