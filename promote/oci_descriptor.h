// OciDescriptor: what points at a blob or manifest: media type, digest, size (OCI image-spec v1.1 descriptor.md), with the
// platform and annotations that descriptors in an index have. Only sha256 digests: every client reads them, and our tree is made
// of them. Plain values. Errors are ErrorCode::invalid.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/json_document.h"
#include "core/result.h"
#include "promote/oci_platform.h"

namespace packyard {

struct OciDescriptor {
  std::string media_type;
  Sha256 digest;
  std::uint64_t size_bytes = 0;
  std::optional<OciPlatform> platform;
  std::map<std::string, std::string> annotations;
  bool has_urls = false;  // says that it may be fetched elsewhere

  std::string digest_text() const;  // "sha256:<hex>"
};

std::string oci_digest(const Sha256& digest);  // "sha256:<hex>"
Result<Sha256> parse_oci_digest(std::string_view text);
Result<OciDescriptor> read_descriptor(const JsonNode& node);
// The same text for the same descriptor: mediaType, digest, size, then annotations and platform where there are any.
std::string descriptor_json(const OciDescriptor& descriptor);

}  // namespace packyard
