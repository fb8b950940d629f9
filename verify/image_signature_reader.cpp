#include "verify/image_signature_reader.h"

#include "core/base64.h"
#include "verify/json_value.h"
#include "verify/oci_manifest_reader.h"

namespace packyard {
namespace {

constexpr std::size_t values_max = 1'000;
constexpr std::string_view payload_type = "application/vnd.in-toto+json";

std::unexpected<Error> wrong(std::string_view what) { return fail(ErrorCode::invalid, "is malformed: " + std::string(what)); }

bool is_text(const JsonValue& object, std::string_view name, std::string_view expected) {
  const std::string* text = object.find_text(name);
  return text != nullptr && *text == expected;
}

// Nothing, or {"tag":"1.4.2"}.
Result<std::optional<std::string>> read_tag(const JsonValue& annotations) {
  if (annotations.is_null() || annotations.has_exactly({})) return std::optional<std::string>();
  const std::string* tag = annotations.find_text("tag");
  if (!annotations.has_exactly({"tag"}) || tag == nullptr) return wrong("its annotations are not just a tag");
  return std::optional(*tag);
}

Result<JsonValue> read_small(std::string_view json) {
  if (json.size() > signature_bytes_max) return wrong("more than " + std::to_string(signature_bytes_max) + " bytes");
  return read_json_value(json, values_max);
}

Result<std::string> read_base64(const std::string* text, std::string_view what) {
  if (text == nullptr) return wrong(what);
  auto bytes = decode_base64(*text);
  if (!bytes) return wrong(std::string(what) + ": it is not base64");
  return bytes;
}

}  // namespace

Result<ImageClaim> read_simple_signing(std::string_view payload) {
  TRY_ASSIGN(const JsonValue value, read_small(payload));
  if (!value.has_exactly({"critical", "optional"})) return wrong("the payload's fields");
  const JsonValue& critical = *value.find("critical");
  if (!critical.has_exactly({"identity", "image", "type"})) return wrong("the fields of critical");
  if (!is_text(critical, "type", "cosign container image signature")) return wrong("the type");
  const JsonValue &identity = *critical.find("identity"), &image = *critical.find("image");
  const std::string *reference = identity.find_text("docker-reference"), *digest = image.find_text("docker-manifest-digest");
  if (!identity.has_exactly({"docker-reference"}) || reference == nullptr) return wrong("the identity");
  if (!image.has_exactly({"docker-manifest-digest"}) || digest == nullptr) return wrong("the image");
  ImageClaim claim;
  claim.reference = *reference;
  TRY_ASSIGN(claim.digest, read_digest_text(*digest));
  TRY_ASSIGN(claim.tag, read_tag(*value.find("optional")));
  return claim;
}

Result<ImageClaim> read_statement(std::string_view statement) {
  TRY_ASSIGN(const JsonValue value, read_small(statement));
  const bool has_predicate = value.find("predicate") != nullptr;
  if (!value.has_exactly({"_type", "subject", "predicateType", "predicate"}) &&
      (has_predicate || !value.has_exactly({"_type", "subject", "predicateType"})))
    return wrong("the statement's fields");
  if (!is_text(value, "_type", "https://in-toto.io/Statement/v1")) return wrong("the statement's _type");
  if (!is_text(value, "predicateType", sign_predicate_type))
    return wrong("the statement's predicateType is not that of a signature");
  if (has_predicate && !value.find("predicate")->has_exactly({})) return wrong("the statement's predicate is not empty");
  const JsonList* subjects = value.find("subject")->list();
  if (subjects == nullptr || subjects->size() != 1) return wrong("the statement has not exactly one subject");
  const JsonValue& subject = subjects->front();
  const JsonValue* annotations = subject.find("annotations");
  if (!subject.has_exactly({"digest", "annotations"}) && (annotations != nullptr || !subject.has_exactly({"digest"})))
    return wrong("the fields of the statement's subject");
  const std::string* digest = subject.find("digest")->find_text("sha256");
  if (!subject.find("digest")->has_exactly({"sha256"}) || digest == nullptr)
    return wrong("the digest of the statement's subject");
  ImageClaim claim;
  TRY_ASSIGN(claim.digest, Sha256::parse_hex(*digest));
  if (annotations != nullptr) {
    TRY_ASSIGN(claim.tag, read_tag(*annotations));
  }
  return claim;
}

Result<BundleEnvelope> read_bundle_envelope(std::string_view bundle) {
  TRY_ASSIGN(const JsonValue value, read_small(bundle));
  if (!value.has_exactly({"mediaType", "verificationMaterial", "dsseEnvelope"})) return wrong("the bundle's fields");
  if (!is_text(value, "mediaType", bundle_type)) return wrong("the bundle's mediaType");
  const JsonValue &material = *value.find("verificationMaterial"), &envelope = *value.find("dsseEnvelope");
  if (!material.has_exactly({"publicKey"}) || !material.find("publicKey")->has_exactly({"hint"}))
    return wrong("the bundle's verificationMaterial");
  const std::string* hint = material.find("publicKey")->find_text("hint");
  if (hint == nullptr) return wrong("the bundle's hint");
  if (!envelope.has_exactly({"payload", "payloadType", "signatures"})) return wrong("the envelope's fields");
  if (!is_text(envelope, "payloadType", payload_type)) return wrong("the envelope's payloadType");
  const JsonList* signatures = envelope.find("signatures")->list();
  if (signatures == nullptr || signatures->size() != 1) return wrong("the envelope has not exactly one signature");
  // A keyid makes cosign 3.1 refuse the signature; an empty one is none.
  const JsonValue& signature = signatures->front();
  if (!signature.has_exactly({"sig"}) && !(signature.has_exactly({"sig", "keyid"}) && is_text(signature, "keyid", "")))
    return wrong("the fields of the envelope's signature");
  BundleEnvelope read;
  read.hint = *hint;
  TRY_ASSIGN(read.statement, read_base64(envelope.find_text("payload"), "the envelope's payload"));
  TRY_ASSIGN(read.signature, read_base64(signature.find_text("sig"), "the envelope's signature"));
  return read;
}

std::string dsse_encoding(std::string_view statement) {
  return "DSSEv1 " + std::to_string(payload_type.size()) + " " + std::string(payload_type) + " " +
         std::to_string(statement.size()) + " " + std::string(statement);
}

Result<ImageClaim> read_legacy_signature(const ImageKey& key, std::string_view payload, std::string_view signature) {
  const auto der = decode_base64(signature);
  if (!der) return wrong("the signature is not base64");
  if (!key.verifies(payload, *der)) return fail(ErrorCode::invalid, "is not signed by cosign.pub");
  return read_simple_signing(payload);
}

Result<ImageClaim> read_bundle(const ImageKey& key, std::string_view bundle) {
  TRY_ASSIGN(const BundleEnvelope envelope, read_bundle_envelope(bundle));
  if (!key.verifies(dsse_encoding(envelope.statement), envelope.signature))
    return fail(ErrorCode::invalid, "is not signed by cosign.pub");
  if (envelope.hint != key.hint()) return wrong("the hint names another key than cosign.pub");
  return read_statement(envelope.statement);
}

}  // namespace packyard
