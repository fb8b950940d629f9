#include "signer/key_judge.h"

#include <algorithm>
#include <optional>

#include "core/durable_file.h"
#include "core/openpgp_armor.h"
#include "signer/openpgp_packets.h"

namespace packyard {
namespace {

constexpr std::size_t key_file_bytes_max = 4 * 1024 * 1024;
constexpr std::int64_t day_seconds = 86'400;
constexpr std::int64_t warn_days_before_expiry = 90;
constexpr std::uint8_t may_sign = 0x02;
constexpr std::uint8_t sha1 = 2;

// A signature of the key over itself: the newest of each strength.
struct SelfSignatures {
  std::optional<OpenPgpSignature> newest;         // of any digest
  std::optional<OpenPgpSignature> newest_strong;  // SHA-256 and better
  bool revoked = false;

  void take(const OpenPgpSignature& signature) {
    if (!newest || newest->created <= signature.created) newest = signature;
    if (signature.hash_algorithm >= 8 && signature.hash_algorithm <= 10 &&
        (!newest_strong || newest_strong->created <= signature.created))
      newest_strong = signature;
  }
  const OpenPgpSignature& effective() const { return newest_strong ? *newest_strong : *newest; }
};

struct KeyPart {
  OpenPgpPublicKey key;
  SelfSignatures signatures;
};

struct SigningKey {
  KeyPart primary;
  std::optional<KeyPart> subkey;  // when it signs instead of the primary
  const KeyPart& signing() const { return subkey ? *subkey : primary; }
};

bool is_certification(std::uint8_t type) { return (type >= 0x10 && type <= 0x13) || type == 0x1f; }

void take_signature(const OpenPgpSignature& signature, const std::string& primary_id, bool on_subkey, KeyPart& part) {
  if (signature.issuer_key_id != primary_id) return;
  if (on_subkey) {
    if (signature.type == 0x18) part.signatures.take(signature);
    if (signature.type == 0x28) part.signatures.revoked = true;
  } else {
    if (is_certification(signature.type)) part.signatures.take(signature);
    if (signature.type == 0x20) part.signatures.revoked = true;
  }
}

// All keys of a file: each primary with its subkeys.
struct Keyring {
  struct Entry {
    KeyPart primary;
    std::vector<KeyPart> subkeys;
  };
  std::vector<Entry> entries;
};

Result<Keyring> read_keyring(std::string_view armored) {
  TRY_ASSIGN(const std::string bytes, read_openpgp_armor(armored, armored_public_key));
  TRY_ASSIGN(const auto packets, read_openpgp_packets(bytes));
  Keyring ring;
  for (const OpenPgpPacket& packet : packets) {
    if (packet.tag == openpgp_tag::public_key || packet.tag == openpgp_tag::public_subkey) {
      TRY_ASSIGN(OpenPgpPublicKey key, read_openpgp_public_key(packet.body));
      if (packet.tag == openpgp_tag::public_key) {
        ring.entries.push_back({{std::move(key), {}}, {}});
      } else {
        if (ring.entries.empty()) return fail(ErrorCode::invalid, "malformed OpenPGP key: a subkey without a key");
        ring.entries.back().subkeys.push_back({std::move(key), {}});
      }
    } else if (packet.tag == openpgp_tag::signature && !ring.entries.empty()) {
      auto& entry = ring.entries.back();
      if (entry.primary.key.fingerprint.size() != 40) continue;
      TRY_ASSIGN(const OpenPgpSignature signature, read_openpgp_signature(packet.body));
      KeyPart& part = entry.subkeys.empty() ? entry.primary : entry.subkeys.back();
      take_signature(signature, entry.primary.key.fingerprint.substr(24), !entry.subkeys.empty(), part);
    }
  }
  return ring;
}

Result<Keyring> read_served(const std::filesystem::path& served_keys) {
  TRY_ASSIGN(const std::string text, read_small_file(served_keys, key_file_bytes_max));
  return read_keyring(text);
}

Result<SigningKey> find_key(const Keyring& ring, std::string_view fingerprint) {
  for (const auto& entry : ring.entries) {
    if (fingerprint.empty() || entry.primary.key.fingerprint == fingerprint) return SigningKey{entry.primary, std::nullopt};
    for (const KeyPart& subkey : entry.subkeys)
      if (subkey.key.fingerprint == fingerprint) return SigningKey{entry.primary, subkey};
  }
  std::string held;
  for (const auto& entry : ring.entries) held += (held.empty() ? "" : ", ") + entry.primary.key.fingerprint;
  return fail(ErrorCode::not_found,
              "the key " + std::string(fingerprint) + " is not among the public keys, which hold " +
                  (held.empty() ? "none" : held));
}

enum class Algorithm { rsa, edwards, nist_curve, other };

Algorithm algorithm_of(const OpenPgpPublicKey& key) {
  if (key.algorithm >= 1 && key.algorithm <= 3) return Algorithm::rsa;
  if (key.curve == "ed25519" || key.curve == "ed448") return Algorithm::edwards;
  return key.algorithm == 19 && key.curve.starts_with("nistp") ? Algorithm::nist_curve : Algorithm::other;
}

std::string describe(const OpenPgpPublicKey& key) {
  if (algorithm_of(key) == Algorithm::rsa) return "rsa" + std::to_string(key.bits);
  return key.curve.empty() ? "algorithm " + std::to_string(key.algorithm) : key.curve;
}

// 9 for "el9"; nothing for other systems.
std::optional<int> enterprise_linux(std::string_view os) {
  if (!os.starts_with("el") || os.size() < 3 || os.size() > 4) return std::nullopt;
  int number = 0;
  for (const char c : os.substr(2)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

std::optional<Timestamp> expiry_of(const KeyPart& part) {
  if (!part.signatures.newest) return std::nullopt;
  const auto after = part.signatures.effective().key_expires_after;
  if (!after || *after == 0) return std::nullopt;
  return Timestamp{part.key.created + *after};
}

struct Client {
  std::string target;
  bool is_apt = false;
  std::optional<int> enterprise;  // el8: 8
};

class Judge {
 public:
  Judge(const SigningKey& key, Timestamp now, std::vector<KeyVerdict>& verdicts) : key_(key), now_(now), verdicts_(verdicts) {}

  void judge(const Client& client) {
    client_ = &client;
    const std::size_t before = verdicts_.size();
    judge_part(key_.primary, "the key");
    if (key_.subkey) judge_part(*key_.subkey, "the signing subkey");
    judge_use();
    if (verdicts_.size() == before) add(KeyJudgement::good, describe(key_.signing().key) + ", accepted");
  }

 private:
  void add(KeyJudgement judgement, std::string reason) { verdicts_.push_back({client_->target, judgement, std::move(reason)}); }
  void refuse(std::string reason) { add(KeyJudgement::refused, std::move(reason)); }
  void warn(std::string reason) { add(KeyJudgement::warning, std::move(reason)); }

  void judge_part(const KeyPart& part, const std::string& name) {
    if (part.key.version != 4)
      return refuse(name + " is an OpenPGP version " + std::to_string(part.key.version) + " key; today's clients need version 4");
    judge_algorithm(part, name);
    if (part.signatures.revoked) refuse(name + " is revoked");
    if (!part.signatures.newest) return refuse(name + " has no self-signature");
    judge_digest(part, name);
    judge_time(part, name);
  }

  void judge_algorithm(const KeyPart& part, const std::string& name) {
    const std::string what = name + " is " + describe(part.key);
    switch (algorithm_of(part.key)) {
      case Algorithm::rsa:
        if (part.key.bits < 2048) refuse(what + "; apt 3 and el9 refuse RSA keys under 2048 bits: make an RSA 4096 key");
        else if (part.key.bits < 3072) warn(what + "; accepted today, clients will refuse it from 2030: plan an RSA 4096 key");
        else if (part.key.bits < 4096) warn(what + "; accepted, but RSA 4096 is recommended for keys that must last");
        break;
      case Algorithm::edwards:
      case Algorithm::nist_curve:
        if (client_->enterprise && *client_->enterprise <= 9)
          refuse(what + "; rpm of el" + std::to_string(*client_->enterprise) + " cannot verify it: sign with an RSA 4096 key");
        else if (!client_->is_apt && !client_->enterprise) warn(what + "; older rpm cannot verify it: prefer RSA 4096");
        break;
      case Algorithm::other: refuse(what + ", which apt 3 and el9 refuse: make an RSA 4096 key"); break;
    }
  }

  void judge_digest(const KeyPart& part, const std::string& name) {
    if (part.signatures.newest_strong) {
      const auto& back = part.signatures.effective().back_signature_hash_algorithm;
      if (&part != &key_.primary && (!back || *back == sha1))
        refuse(name + (back ? " signs itself with SHA-1" : " does not confirm its primary key") + ": bind it anew");
      return;
    }
    const std::string digest = part.signatures.newest->hash_algorithm == sha1 ? "SHA-1" : "an old digest";
    const std::string what = name + "'s self-signature uses " + digest;
    if (client_->enterprise && *client_->enterprise <= 8)
      return warn(what + "; el8 and older accept it, el9 and apt 3 do not: "
                         "renew it (gpg --cert-digest-algo SHA512)");
    refuse(what + ", which apt 3 and el9 refuse: "
                  "renew it (gpg --cert-digest-algo SHA512 --quick-set-expire) and publish the new public key");
  }

  void judge_time(const KeyPart& part, const std::string& name) {
    if (part.key.created > now_.seconds)
      refuse(name + " was made in the future (" + Timestamp{part.key.created}.rfc3339() + "): check the clock");
    const auto expiry = expiry_of(part);
    if (!expiry) return;
    if (*expiry <= now_)
      return refuse(name + " expired on " + expiry->rfc3339() +
                    ": extend it (gpg --quick-set-expire) and publish the new public key");
    const std::int64_t days = (expiry->seconds - now_.seconds) / day_seconds;
    if (days < warn_days_before_expiry)
      warn(name + " expires in " + std::to_string(days) + " days, on " + expiry->rfc3339() +
           "; customers hold the old copy: extend it and hand out the new public key now");
  }

  void judge_use() {
    const KeyPart& part = key_.signing();
    if (!part.signatures.newest) return;
    const auto flags = part.signatures.effective().key_flags;
    if (flags ? (*flags & may_sign) == 0 : key_.subkey.has_value())
      refuse("the key is not marked for signing: name a signing subkey in signing.subkey");
  }

  const SigningKey& key_;
  Timestamp now_;
  std::vector<KeyVerdict>& verdicts_;
  const Client* client_ = nullptr;
};

}  // namespace

std::string_view to_string(KeyJudgement judgement) {
  switch (judgement) {
    case KeyJudgement::good: return "good";
    case KeyJudgement::warning: return "warning";
    case KeyJudgement::refused: return "refused";
  }
  return "refused";
}

Result<std::vector<KeyVerdict>> judge_key(std::string_view public_keys, std::string_view fingerprint, const Settings& settings,
                                          Timestamp now) {
  TRY_ASSIGN(const Keyring ring, read_keyring(public_keys));
  TRY_ASSIGN(const SigningKey key, find_key(ring, fingerprint));
  std::vector<KeyVerdict> verdicts;
  Judge judge(key, now, verdicts);
  for (const auto& target : settings.rpm_targets) judge.judge({"rpm/" + target.name.text(), false, enterprise_linux(target.os)});
  for (const auto& target : settings.deb_targets) judge.judge({"deb/" + target.name.text(), true, std::nullopt});
  return verdicts;
}

Result<std::optional<Timestamp>> expiry_of_key(std::string_view public_keys, std::string_view fingerprint) {
  TRY_ASSIGN(const Keyring ring, read_keyring(public_keys));
  TRY_ASSIGN(const SigningKey key, find_key(ring, fingerprint));
  const auto primary = expiry_of(key.primary), signing = expiry_of(key.signing());
  return primary && signing ? std::min(*primary, *signing) : primary ? primary : signing;
}

Result<void> check_key_is_served(const std::filesystem::path& served_keys, std::string_view fingerprint) {
  const std::string attempted = "looking for the signing key in " + served_keys.string() + ", which customers fetch";
  const auto ring = read_served(served_keys);
  if (!ring) return fail(ring.error().in(attempted));
  const auto key = find_key(*ring, fingerprint);
  if (!key) return fail(key.error().in(attempted + " (packyard signing-key export writes it)"));
  return {};
}

Result<std::vector<std::string>> served_fingerprints(const std::filesystem::path& served_keys) {
  const auto ring = read_served(served_keys);
  if (!ring) return fail(ring.error().in("reading " + served_keys.string() + ", which customers fetch"));
  std::vector<std::string> fingerprints;
  const auto add = [&fingerprints](const KeyPart& part) {
    if (!part.key.fingerprint.empty()) fingerprints.push_back(part.key.fingerprint);
  };
  for (const auto& entry : ring->entries) {
    add(entry.primary);
    for (const KeyPart& subkey : entry.subkeys) add(subkey);
  }
  return fingerprints;
}

}  // namespace packyard
