#include "promote/gates.h"

#include <algorithm>

namespace packyard::gates {
namespace {

constexpr std::size_t long_key_id_digits = 16;

// Fingerprints and key ids meet in their last 16 digits.
bool same_key(std::string_view left, std::string_view right) {
  const auto tail = [](std::string_view id) {
    std::string text(id.size() > long_key_id_digits ? id.substr(id.size() - long_key_id_digits) : id);
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
  };
  return !left.empty() && tail(left) == tail(right);
}

}  // namespace

std::optional<std::string> signer(const PackageFacts& facts, const std::vector<std::string>& known, ForeignSignature policy) {
  if (policy == ForeignSignature::re_sign) return std::nullopt;
  for (const auto& id : facts.signer_key_ids) {
    if (std::ranges::any_of(known, [&](const std::string& own) { return same_key(own, id); })) continue;
    return "is signed by the key " + id +
           ", which is not ours: it is neither the signing key nor in the lts.asc that customers fetch; stage the unsigned "
           "package, or set signing.foreign_signature: re-sign";
  }
  return std::nullopt;
}

std::optional<std::string> taken_name(const PublishedName& taken, const Sha256& staged) {
  if (taken.state == NameState::withdrawn || taken.state == NameState::purged)
    return "was withdrawn as " + taken.path + "; a withdrawn name is never used again: raise the version or release";
  if (taken.staged != staged)
    return "was published as " + taken.path + " with other bytes (staged SHA-256 " + taken.staged.hex() + ", now " +
           staged.hex() + "); customers may hold the first: raise the version or release";
  if (taken.state == NameState::retired && taken.published != taken.staged)
    return "was published as " + taken.path +
           " and removed by retention; signing it again would give other bytes under that name: "
           "raise the version or release";
  return std::nullopt;
}

std::string fixed_name(const PackageFacts& facts, const PublishedName& taken) {
  return "the tag " + facts.name + " was published before" + (taken.state == NameState::present ? "" : " (and taken back)") +
         " with other staged files, as " + taken.path +
         "; customers may hold that image: use another tag, or name the tag in floating_tags of config/packyard.yml if it is "
         "meant "
         "to move";
}

std::string nothing_to_join(const PackageFacts& facts, const std::string& unit) {
  return "there is no image with it, and the tag " + facts.name + " is not published: stage " + unit +
         ".tar and its SBOM together";
}

std::optional<std::string> older(const PackageFormat& format, const PackageFacts& facts,
                                 const std::optional<std::string>& newest_listed, const TargetId& target) {
  if (!newest_listed || format.compare_versions(facts.version, *newest_listed) != std::strong_ordering::less) return std::nullopt;
  return "is version " + facts.version + ", older than " + *newest_listed + " that " + target.text() +
         " lists: no customer would get it; promote with --allow-older if that is meant";
}

std::string same_name_twice(const std::string& path, const std::string& first) {
  return "would be published as " + path + ", and so would " + first + " with other bytes: remove one of them";
}

}  // namespace packyard::gates
