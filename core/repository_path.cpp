#include "core/repository_path.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "core/hex.h"

namespace packyard {
namespace {

using Rejected = std::unexpected<PathRejection>;

constexpr std::size_t segments_max = 32;
constexpr std::size_t reference_bytes_max = 255;

// Bytes that may stand in the rest of a path: unreserved ones and those of package versions and indexes (+ ^ ~ : and a few harmless).
constexpr auto rest_bytes = [] {
  std::array<bool, 256> allowed{};
  for (unsigned c = 'a'; c <= 'z'; ++c) allowed[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) allowed[c] = true;
  for (unsigned c = '0'; c <= '9'; ++c) allowed[c] = true;
  for (const char c : std::string_view("-._~+^:@=,!$&'()*")) allowed[static_cast<unsigned char>(c)] = true;
  return allowed;
}();

bool may_stand_in_rest(unsigned char c) { return rest_bytes[c]; }

// One segment of the rest: %XX only of bytes that could stand there plainly; never a dot, which only hides a dot segment.
std::optional<PathRejection> judge_rest_segment(std::string_view segment) {
  if (segment == "." || segment == "..") return PathRejection::dot_segment;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '%') {
      if (!may_stand_in_rest(static_cast<unsigned char>(segment[i]))) return PathRejection::bad_byte;
      continue;
    }
    if (i + 2 >= segment.size()) return PathRejection::bad_escape;
    const auto high = hex_value(segment[i + 1]), low = hex_value(segment[i + 2]);
    if (!high || !low) return PathRejection::bad_escape;
    const auto byte = static_cast<unsigned char>(*high * 16 + *low);
    if (byte == '.' || !may_stand_in_rest(byte)) return PathRejection::forbidden_escape;
    i += 2;
  }
  return std::nullopt;
}

// The path cut at its slashes, every segment judged by the rules of the rest (the decision part is judged again by grammar).
struct Segments {
  std::array<std::string_view, segments_max> all;
  std::size_t count = 0;
  std::string_view path;

  // From segment number on to the end of the path, slashes included.
  std::string_view from(std::size_t number) const {
    if (number >= count) return {};
    return path.substr(static_cast<std::size_t>(all[number].data() - path.data()));
  }
};

std::expected<Segments, PathRejection> cut(std::string_view path) {
  Segments segments;
  segments.path = path;
  std::size_t begin = 1;
  while (true) {
    const std::size_t slash = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, slash - begin);
    const bool last = slash == path.size();
    if (segment.empty() && (!last || segments.count == 0)) return Rejected(PathRejection::empty_segment);
    if (const auto rejection = judge_rest_segment(segment)) return Rejected(*rejection);
    if (segments.count == segments_max) return Rejected(PathRejection::too_long);
    segments.all[segments.count++] = segment;
    if (last) return segments;
    begin = slash + 1;
  }
}

// A tag, a digest, or what somebody mistook for one: a segment that needs no decoding.
bool is_reference(std::string_view text) {
  return !text.empty() && text.size() <= reference_bytes_max && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("._-:+").find(c) != std::string_view::npos;
  });
}

// segments: what stands behind the image.
bool is_registry_rest(std::span<const std::string_view> segments) {
  const std::string_view kind = segments[0];
  if (segments.size() == 3)  // blobs/uploads/ and blobs/uploads/<reference>: how a push begins and goes on
    return kind == "blobs" && segments[1] == "uploads" && (segments[2].empty() || is_reference(segments[2]));
  if (segments.size() != 2 || !is_reference(segments[1])) return false;
  if (kind == "tags") return segments[1] == "list";
  return kind == "manifests" || kind == "blobs" || kind == "referrers";
}

// Fills component and year from segments 1 and 2.
std::optional<PathRejection> read_scope(const Segments& segments, RepositoryPath& path) {
  if (segments.count < 3) return PathRejection::incomplete;
  if (segments.all[1].find('%') != std::string_view::npos || segments.all[2].find('%') != std::string_view::npos)
    return PathRejection::forbidden_escape;
  path.component = segments.all[1];
  path.year = segments.all[2];
  if (!ComponentTag::accepts(path.component)) return PathRejection::bad_component;
  if (!YearTag::accepts(path.year)) return PathRejection::bad_year;
  return std::nullopt;
}

std::optional<PathRejection> read_target(const Segments& segments, std::size_t number, RepositoryPath& path) {
  if (segments.count <= number + 1) return PathRejection::incomplete;
  path.target = segments.all[number];
  if (path.target.find('%') != std::string_view::npos) return PathRejection::forbidden_escape;
  if (!TargetTag::accepts(path.target)) return PathRejection::bad_target;
  path.rest = segments.from(number + 1);
  return std::nullopt;
}

std::optional<PathRejection> read_rpm(const Segments& segments, RepositoryPath& path) {
  path.area = RepositoryArea::rpm;
  if (const auto rejection = read_scope(segments, path)) return rejection;
  return read_target(segments, 3, path);
}

std::optional<PathRejection> read_deb(const Segments& segments, RepositoryPath& path) {
  if (const auto rejection = read_scope(segments, path)) return rejection;
  if (segments.count < 4) return PathRejection::incomplete;
  if (segments.all[3] == "dists") path.area = RepositoryArea::deb_index;
  else if (segments.all[3] == "pool") path.area = RepositoryArea::deb_pool;
  else return PathRejection::unknown_area;
  return read_target(segments, 4, path);
}

std::optional<PathRejection> read_registry(const Segments& segments, RepositoryPath& path) {
  if (segments.count == 1 || (segments.count == 2 && segments.all[1].empty())) {
    path.area = RepositoryArea::registry_ping;
    return std::nullopt;
  }
  path.area = RepositoryArea::registry;
  if (const auto rejection = read_scope(segments, path)) return rejection;
  if (const auto rejection = read_target(segments, 3, path)) return rejection;
  if (!is_registry_rest(std::span(segments.all).subspan(4, segments.count - 4))) return PathRejection::bad_registry_path;
  return std::nullopt;
}

std::optional<PathRejection> read_public_key(const Segments& segments, RepositoryPath& path) {
  path.area = RepositoryArea::public_key;
  if (segments.count != 2) return PathRejection::incomplete;
  path.rest = segments.all[1];
  return is_plain_name(path.rest) ? std::nullopt : std::optional(PathRejection::bad_target);
}

std::optional<PathRejection> read_area(const Segments& segments, RepositoryPath& path) {
  const std::string_view area = segments.all[0];
  if (area == "rpm") return read_rpm(segments, path);
  if (area == "deb") return read_deb(segments, path);
  if (area == "v2") return read_registry(segments, path);
  if (area == "gpg") return read_public_key(segments, path);
  return area.find('%') == std::string_view::npos ? PathRejection::unknown_area : PathRejection::forbidden_escape;
}

}  // namespace

std::string_view to_string(PathRejection rejection) {
  switch (rejection) {
    case PathRejection::empty: return "empty";
    case PathRejection::too_long: return "too_long";
    case PathRejection::bad_byte: return "bad_byte";
    case PathRejection::not_origin_form: return "not_origin_form";
    case PathRejection::empty_segment: return "empty_segment";
    case PathRejection::dot_segment: return "dot_segment";
    case PathRejection::bad_escape: return "bad_escape";
    case PathRejection::forbidden_escape: return "forbidden_escape";
    case PathRejection::unknown_area: return "unknown_area";
    case PathRejection::bad_component: return "bad_component";
    case PathRejection::bad_year: return "bad_year";
    case PathRejection::bad_target: return "bad_target";
    case PathRejection::incomplete: return "incomplete";
    case PathRejection::bad_registry_path: return "bad_registry_path";
  }
  return "unknown_area";
}

std::expected<RepositoryPath, PathRejection> parse_repository_path(std::string_view raw_target) {
  if (raw_target.empty()) return Rejected(PathRejection::empty);
  if (raw_target.size() > request_target_bytes_max) return Rejected(PathRejection::too_long);
  // Such bytes are no request target at all, wherever they stand: servers cut, split or refuse at them.
  for (const char c : raw_target)
    if (c <= 0x20 || c >= 0x7f || c == '#') return Rejected(PathRejection::bad_byte);
  if (raw_target.front() != '/') return Rejected(PathRejection::not_origin_form);
  const auto segments = cut(raw_target.substr(0, raw_target.find('?')));
  if (!segments) return Rejected(segments.error());
  RepositoryPath path;
  if (const auto rejection = read_area(*segments, path)) return Rejected(*rejection);
  return path;
}

}  // namespace packyard
