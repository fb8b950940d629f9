#include "promote/oci_descriptor.h"

#include "core/json_text.h"
#include "core/log.h"
#include "promote/json_fields.h"

namespace packyard {
namespace {

constexpr std::string_view sha256_prefix = "sha256:";

Result<std::optional<OciPlatform>> read_platform(const JsonFields& descriptor) {
  TRY_ASSIGN(const JsonNode* const node, descriptor.object("platform"));
  if (node == nullptr) return std::nullopt;
  TRY_ASSIGN(const JsonFields fields, JsonFields::of(*node, {"os", "architecture", "variant", "os.version"}));
  OciPlatform platform;
  TRY_ASSIGN(platform.os, fields.text("os"));
  TRY_ASSIGN(platform.architecture, fields.text("architecture"));
  TRY_ASSIGN(platform.variant, fields.text("variant"));
  TRY_ASSIGN(platform.os_version, fields.text("os.version"));
  TRY(check_platform(platform));
  return platform;
}

std::string platform_json(const OciPlatform& platform) {
  std::string text = "{\"architecture\":" + json_text(platform.architecture) + ",\"os\":" + json_text(platform.os);
  if (!platform.os_version.empty()) text += ",\"os.version\":" + json_text(platform.os_version);
  if (!platform.variant.empty()) text += ",\"variant\":" + json_text(platform.variant);
  return text + "}";
}

}  // namespace

std::string OciDescriptor::digest_text() const { return oci_digest(digest); }

std::string oci_digest(const Sha256& digest) { return std::string(sha256_prefix) + digest.hex(); }

Result<Sha256> parse_oci_digest(std::string_view text) {
  if (text.starts_with(sha256_prefix)) {
    if (auto digest = Sha256::parse_hex(text.substr(sha256_prefix.size()))) return digest;
  } else if (text.starts_with("sha512:") || text.starts_with("sha384:") || text.starts_with("blake3:")) {
    return fail(ErrorCode::invalid, "a digest of kind " + std::string(text.substr(0, 6)) +
                                        ", which many clients cannot read; build the "
                                        "image with sha256 digests");
  }
  return fail(ErrorCode::invalid, "'" + escape_for_log(text, 80) + "' is not a digest (sha256: and 64 lower-case digits)");
}

Result<OciDescriptor> read_descriptor(const JsonNode& node) {
  TRY_ASSIGN(const JsonFields fields, JsonFields::of(node, {"mediaType", "digest", "size", "urls", "annotations", "platform"}));
  OciDescriptor descriptor;
  TRY_ASSIGN(descriptor.media_type, fields.text("mediaType"));
  if (descriptor.media_type.empty()) return fail(ErrorCode::invalid, "a descriptor without mediaType");
  TRY_ASSIGN(const std::string digest, fields.text("digest"));
  TRY_ASSIGN(descriptor.digest, parse_oci_digest(digest));
  TRY_ASSIGN(const auto size_bytes, fields.whole("size"));
  if (!size_bytes) return fail(ErrorCode::invalid, "a descriptor without size");
  descriptor.size_bytes = *size_bytes;
  TRY_ASSIGN(descriptor.platform, read_platform(fields));
  TRY_ASSIGN(descriptor.annotations, fields.text_by_name("annotations"));
  TRY_ASSIGN(const auto urls, fields.texts("urls"));
  descriptor.has_urls = !urls.empty();
  return descriptor;
}

std::string descriptor_json(const OciDescriptor& descriptor) {
  std::string text = "{\"mediaType\":" + json_text(descriptor.media_type) + ",\"digest\":\"" + descriptor.digest_text() +
                     "\",\"size\":" + std::to_string(descriptor.size_bytes);
  if (!descriptor.annotations.empty()) {
    text += ",\"annotations\":{";
    bool is_first = true;
    for (const auto& [name, value] : descriptor.annotations) {
      if (!std::exchange(is_first, false)) text += ",";
      text += json_text(name) + ":" + json_text(value);
    }
    text += "}";
  }
  if (descriptor.platform) text += ",\"platform\":" + platform_json(*descriptor.platform);
  return text + "}";
}

}  // namespace packyard
