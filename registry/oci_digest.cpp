#include "registry/oci_digest.h"

#include <algorithm>

namespace packyard {
namespace {

constexpr std::string_view sha256_prefix = "sha256:";
constexpr std::string_view sha512_prefix = "sha512:";

}  // namespace

std::string oci_digest_text(const Sha256& digest) { return std::string(sha256_prefix) + digest.hex(); }

std::optional<Sha256> parse_oci_digest(std::string_view text) {
  if (!text.starts_with(sha256_prefix)) return std::nullopt;
  const auto digest = Sha256::parse_hex(text.substr(sha256_prefix.size()));
  return digest ? std::optional(*digest) : std::nullopt;
}

bool is_oci_digest(std::string_view text) {
  if (!text.starts_with(sha512_prefix)) return parse_oci_digest(text).has_value();
  text.remove_prefix(sha512_prefix.size());
  return text.size() == 128 && std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace packyard
