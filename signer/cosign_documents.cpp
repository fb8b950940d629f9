#include "signer/cosign_documents.h"

#include "core/base64.h"
#include "core/json_text.h"
#include "signer/pem.h"

namespace packyard {
namespace {

std::string as_json(const SignatureAnnotations& annotations) {
  std::string text;
  for (const auto& [name, value] : annotations) text += (text.empty() ? "" : ",") + json_text(name) + ":" + json_text(value);
  return "{" + text + "}";
}

}  // namespace

std::string simple_signing_payload(std::string_view docker_reference, const Sha256& digest,
                                   const SignatureAnnotations& annotations) {
  return R"({"critical":{"identity":{"docker-reference":)" + json_text(docker_reference) +
         R"(},"image":{"docker-manifest-digest":"sha256:)" + digest.hex() +
         R"("},"type":"cosign container image signature"},"optional":)" + (annotations.empty() ? "null" : as_json(annotations)) +
         "}";
}

std::string image_statement(const Sha256& digest, const SignatureAnnotations& annotations) {
  return R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":")" + digest.hex() +
         R"("},"annotations":)" + as_json(annotations) + R"(}],"predicateType":)" + json_text(cosign::predicate_type) +
         R"(,"predicate":{}})";
}

std::string dsse_signing_bytes(std::string_view statement) {
  const std::string type(cosign::statement_media_type);
  return "DSSEv1 " + std::to_string(type.size()) + " " + type + " " + std::to_string(statement.size()) + " " +
         std::string(statement);
}

Result<std::string> key_hint(std::string_view public_key) {
  TRY_ASSIGN(const std::string der, read_pem(public_key, {pem_label::public_key}));
  const Sha256 digest = sha256(der);
  return encode_base64({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()});
}

std::string signature_bundle(std::string_view statement, std::string_view signature, std::string_view hint) {
  return R"({"mediaType":)" + json_text(cosign::bundle_media_type) + R"(,"verificationMaterial":{"publicKey":{"hint":)" +
         json_text(hint) + R"(}},"dsseEnvelope":{"payload":")" + encode_base64(statement) + R"(","payloadType":)" +
         json_text(cosign::statement_media_type) + R"(,"signatures":[{"sig":")" + encode_base64(signature) + R"("}]}})";
}

}  // namespace packyard
