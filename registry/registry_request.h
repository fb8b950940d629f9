// RegistryRequest: what a client of the registry API asks for, read from the raw request target. The path's grammar is
// core/repository_path's, the same the gate decided by; the query means something for lists only, and a parameter that is given
// twice or wrongly is refused. OCI distribution-spec 1.1, "Endpoints". Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace packyard {

enum class RegistryResource { ping, manifest, blob, upload, tags, referrers };

struct RegistryRequest {
  RegistryResource resource = RegistryResource::ping;
  std::string repository;                    // "core/2025/server"; empty for ping
  std::string_view reference;                // tag, digest or neither, of a manifest, blob or referrers; a view into the target
  std::optional<std::uint32_t> entries_max;  // n of tags
  std::string last;                          // last of tags, decoded; empty: from the beginning
  std::string artifact_type;                 // of referrers, decoded; empty: every type
};

enum class RegistryRefusal {
  no_such_path,  // nothing this API has
  bad_number,    // n
  bad_parameter,
};

std::expected<RegistryRequest, RegistryRefusal> parse_registry_request(std::string_view target);

}  // namespace packyard
