// Reads the two forms in which cosign signs images, as strictly as their strictest readers: the "simple signing" payload of a
// `.sig` tag (containers/image and cosign) and the sigstore bundle v0.3 with a DSSE envelope around an in-toto statement (cosign
// 3). The bytes are checked against the vendor's key before anything in them is believed. Outside bytes; errors are
// ErrorCode::invalid. Pure functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/result.h"
#include "verify/image_key.h"

namespace packyard {

constexpr std::size_t signature_bytes_max = 4 * 1024 * 1024;  // what skopeo reads

// What a signature speaks of.
struct ImageClaim {
  Sha256 digest;                   // of the manifest
  std::string reference;           // legacy: "pkg.example.org/core/2025/server:1.4.2"; empty in a bundle
  std::optional<std::string> tag;  // the annotation that `cosign verify -a tag=…` compares

  bool operator==(const ImageClaim&) const = default;
};

// A payload of a `.sig` tag and the base64 signature in its layer's annotation.
Result<ImageClaim> read_legacy_signature(const ImageKey& key, std::string_view payload, std::string_view signature);
Result<ImageClaim> read_bundle(const ImageKey& key, std::string_view bundle);

// The parts, without the key.
Result<ImageClaim> read_simple_signing(std::string_view payload);
Result<ImageClaim> read_statement(std::string_view statement);
struct BundleEnvelope {
  std::string hint;       // which key
  std::string statement;  // the signed bytes are its DSSE pre-authentication encoding
  std::string signature;  // DER
};
Result<BundleEnvelope> read_bundle_envelope(std::string_view bundle);
// DSSE v1 PAE of an in-toto statement.
std::string dsse_encoding(std::string_view statement);

inline constexpr std::string_view simple_signing_type = "application/vnd.dev.cosign.simplesigning.v1+json";
inline constexpr std::string_view bundle_type = "application/vnd.dev.sigstore.bundle.v0.3+json";
inline constexpr std::string_view sign_predicate_type = "https://sigstore.dev/cosign/sign/v1";

}  // namespace packyard
