// RepositoryPath: what a subscriber asks for, read from the raw request target as the proxy reports it. Rejects and never
// normalises (facts/forwardauth.md 1.8): whatever a proxy or a file server behind us may decode, resolve or fold differently is
// refused here, so that both always mean the same component. The names are made by core/tree_path.h.
// The query is cut at the first '?' and never decides. Pure function, no allocation; the views point into the given target.
#pragma once

#include <cstddef>
#include <expected>
#include <string_view>

#include "core/names.h"

namespace packyard {

inline constexpr std::size_t request_target_bytes_max = 4096;

enum class RepositoryArea {
  rpm,            // /rpm/{component}/{year}/{os-arch}/rest
  deb_index,      // /deb/{component}/{year}/dists/{suite}/rest
  deb_pool,       // /deb/{component}/{year}/pool/{suite}/rest
  registry_ping,  // /v2/ and /v2
  registry,       // /v2/{component}/{year}/{image}/{manifests|blobs|tags|referrers}/reference; blobs/uploads/… of a push
  public_key,     // /gpg/rest: open to everybody
};

struct RepositoryPath {
  RepositoryArea area = RepositoryArea::public_key;
  std::string_view component;  // empty for registry_ping and public_key, as are year and target
  std::string_view year;
  std::string_view target;     // os-arch, suite or image
  // As sent, without a leading slash; may hold %XX of harmless bytes. In a registry: "manifests/1.4.2", no escape; whether the
  // reference is a tag or digest at all is left to the registry, which has the specification's answers for that.
  std::string_view rest;
};

enum class PathRejection {
  empty,
  too_long,
  bad_byte,           // below 0x21, above 0x7e, '#', '\', ';' or another byte no name of ours needs
  not_origin_form,    // does not begin with one "/"
  empty_segment,
  dot_segment,
  bad_escape,         // '%' without two hexadecimal digits
  forbidden_escape,   // %2f and its like, or any escape where the decision is made
  unknown_area,       // not rpm, deb, v2 or gpg
  bad_component,
  bad_year,
  bad_target,
  incomplete,         // too few segments
  bad_registry_path,  // not a shape of the registry read API
};
std::string_view to_string(PathRejection rejection);

std::expected<RepositoryPath, PathRejection> parse_repository_path(std::string_view raw_target);

}  // namespace packyard
