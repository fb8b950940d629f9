// How OCI writes a digest: "sha256:" and 64 lower-case hexadecimal digits (image-spec, descriptor, digests). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/digest.h"

namespace packyard {

std::string oci_digest_text(const Sha256& digest);
std::optional<Sha256> parse_oci_digest(std::string_view text);
// Also of an algorithm that the specification registers and nothing here uses (sha512): well-formed, and never found.
bool is_oci_digest(std::string_view text);

}  // namespace packyard
