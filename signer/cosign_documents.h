// The bytes that an image's signatures are made of and over, exactly as cosign writes them. Pure functions; they sign nothing.
//   legacy: sign simple_signing_payload(); payload blob and base64 signature go into the manifest of tag sha256-<hex>.sig
//   bundle: sign dsse_signing_bytes(image_statement()); signature_bundle() is the layer of a manifest whose subject is the image
// Formats: simple signing (containers/image docs/signature-protocols), in-toto statement v1, DSSE v1, sigstore bundle v0.3.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/result.h"

namespace packyard {

namespace cosign {
inline constexpr std::string_view payload_media_type = "application/vnd.dev.cosign.simplesigning.v1+json";
inline constexpr std::string_view signature_annotation = "dev.cosignproject.cosign/signature";          // of the payload's layer
inline constexpr std::string_view bundle_media_type = "application/vnd.dev.sigstore.bundle.v0.3+json";  // also artifactType
inline constexpr std::string_view predicate_type = "https://sigstore.dev/cosign/sign/v1";
inline constexpr std::string_view statement_media_type = "application/vnd.in-toto+json";
}  // namespace cosign

// What `cosign verify -a name=value` demands; of ours only "tag".
using SignatureAnnotations = std::map<std::string, std::string>;

// `docker_reference`: "pkg.example.org/core/2025/server:1.4.2" (cosign ignores it, skopeo and podman compare it). The digest is
// that of the manifest or index that is signed.
std::string simple_signing_payload(std::string_view docker_reference, const Sha256& digest,
                                   const SignatureAnnotations& annotations);
std::string image_statement(const Sha256& digest, const SignatureAnnotations& annotations);
// The pre-authentication encoding: what is signed in the statement's place.
std::string dsse_signing_bytes(std::string_view statement);
// Names the key in a bundle: base64 of SHA-256 of its SubjectPublicKeyInfo. Fails when it is no PEM "PUBLIC KEY".
Result<std::string> key_hint(std::string_view public_key);
// `signature`: as ImageSigner::sign gives it.
std::string signature_bundle(std::string_view statement, std::string_view signature, std::string_view hint);

}  // namespace packyard
